//! Lists and single objects of a view, cut to what the actor may see.

use std::collections::BTreeSet;

use crate::kernel::ComputerId;
use crate::kernel::ComputerUserId;
use crate::kernel::DepartmentId;
use crate::kernel::EmployeeId;
use crate::kernel::Page;
use crate::kernel::PageRequest;
use crate::people::Computer;
use crate::people::ComputerFilter;
use crate::people::ComputerUser;
use crate::people::ComputerUserFilter;
use crate::people::ComputerUserView;
use crate::people::ComputerView;
use crate::people::Detail;
use crate::people::Employee;
use crate::people::EmployeeDetails;
use crate::people::EmployeeFilter;
use crate::people::EmployeeView;
use crate::people::Link;
use crate::people::LinkView;
use crate::people::Linked;
use crate::people::PeopleError;
use crate::people::State;
use crate::people::Unassigned;
use crate::people::View;
use crate::people::links::holder;
use crate::people::listing::Entry;
use crate::people::listing::Needle;

impl View {
    /// One employee.
    pub fn employee(&self, id: EmployeeId) -> Result<EmployeeView, PeopleError> {
        self.employee_record(id).map(|employee| self.show_employee(employee))
    }

    /// Employees by name.
    pub fn employees(&self, filter: &EmployeeFilter, request: &PageRequest) -> Result<Page<EmployeeView>, PeopleError> {
        let keep = self.keep_employees(filter)?;
        let page = self.directory.employees.page(request, keep)?;
        Ok(page.map(|employee| self.show_employee(employee)))
    }

    /// All employees that a filter keeps.
    pub(super) fn kept_employees(&self, filter: &EmployeeFilter) -> Result<Vec<&Employee>, PeopleError> {
        let keep = self.keep_employees(filter)?;
        Ok(self.directory.employees.entries().iter().filter(|entry| keep(entry)).map(|entry| &entry.item).collect())
    }

    /// How many employees a filter keeps.
    pub fn count_employees(&self, filter: &EmployeeFilter) -> Result<u64, PeopleError> {
        let keep = self.keep_employees(filter)?;
        Ok(self.directory.employees.entries().iter().filter(|entry| keep(entry)).count() as u64)
    }

    fn keep_employees<'a>(
        &'a self,
        filter: &'a EmployeeFilter,
    ) -> Result<impl Fn(&Entry<EmployeeId, Employee>) -> bool + use<'a>, PeopleError> {
        if filter.linked.is_some() {
            self.require_full()?;
        }
        let subtree = filter.department.map(|department| self.subtree(department)).transpose()?;
        let needle = Needle::new(&filter.text);
        Ok(move |entry: &Entry<EmployeeId, Employee>| {
            let employee = &entry.item;
            let text = match self.detail {
                Detail::Basic => entry.search.get(..entry.public).unwrap_or_default(),
                Detail::Full => &entry.search,
            };
            let inside = |subtree: &BTreeSet<_>| employee.department.is_some_and(|own| subtree.contains(&own));
            self.sees_employee(employee)
                && filter.state.is_none_or(|state| state == employee.state)
                && subtree.as_ref().is_none_or(inside)
                && needle.is_in(text)
                && filter.linked.is_none_or(|linked| linked == self.is_linked(employee.id))
        })
    }

    fn is_linked(&self, employee: EmployeeId) -> Linked {
        Linked::of(self.linked_now(employee).next().is_some())
    }

    fn linked_now(&self, employee: EmployeeId) -> impl Iterator<Item = &Link> {
        let links = self.directory.links_of_employee(employee).iter();
        let now = self.now;
        links.filter(move |link| holder(std::slice::from_ref(link), now).is_some())
    }

    fn show_employee(&self, employee: &Employee) -> EmployeeView {
        let details = (self.detail == Detail::Full).then(|| EmployeeDetails {
            personnel_number: employee.personnel_number.clone(),
            email: employee.email.clone(),
            phone: employee.phone.clone(),
            hired_on: employee.hired_on,
            left_on: employee.left_on,
            language: employee.language,
            computer_users: self.linked_now(employee.id).map(|link| link.computer_user).collect(),
        });
        EmployeeView {
            id: employee.id,
            surname: employee.surname.clone(),
            given_name: employee.given_name.clone(),
            patronymic: employee.patronymic.clone(),
            position: employee.position.clone(),
            department: employee.department,
            department_name: self.department_name(employee.department),
            state: employee.state,
            details,
        }
    }

    fn department_name(&self, id: Option<DepartmentId>) -> Option<String> {
        self.department(id?).ok().map(|department| department.name.clone())
    }

    /// One computer.
    pub fn computer(&self, id: ComputerId) -> Result<ComputerView, PeopleError> {
        self.computer_record(id).map(|computer| self.show_computer(computer))
    }

    /// Computers by name.
    pub fn computers(&self, filter: &ComputerFilter, request: &PageRequest) -> Result<Page<ComputerView>, PeopleError> {
        let keep = self.keep_computers(filter)?;
        let page = self.directory.computers.page(request, keep)?;
        Ok(page.map(|computer| self.show_computer(computer)))
    }

    /// How many computers a filter keeps.
    pub fn count_computers(&self, filter: &ComputerFilter) -> Result<u64, PeopleError> {
        let keep = self.keep_computers(filter)?;
        Ok(self.directory.computers.entries().iter().filter(|entry| keep(entry)).count() as u64)
    }

    fn keep_computers<'a>(
        &'a self,
        filter: &'a ComputerFilter,
    ) -> Result<impl Fn(&Entry<ComputerId, Computer>) -> bool + use<'a>, PeopleError> {
        self.require_full()?;
        let subtree = filter.department.map(|department| self.subtree(department)).transpose()?;
        let needle = Needle::new(&filter.text);
        Ok(move |entry: &Entry<ComputerId, Computer>| {
            let computer = &entry.item;
            let inside = |subtree: &BTreeSet<_>| computer.department.is_some_and(|own| subtree.contains(&own));
            filter.state.is_none_or(|state| state == computer.state)
                && subtree.as_ref().is_none_or(inside)
                && needle.is_in(&entry.search)
                && self.sees_computer(computer)
        })
    }

    fn show_computer(&self, computer: &Computer) -> ComputerView {
        let users = self.directory.users_of(computer.id).iter();
        let users = users.filter_map(|user| self.computer_user(*user).ok()).collect::<Vec<_>>();
        ComputerView {
            department_name: self.department_name(computer.department),
            first_seen: users.iter().filter_map(|user| user.user.first_seen).min(),
            last_seen: users.iter().filter_map(|user| user.user.last_seen).max(),
            users,
            computer: computer.clone(),
        }
    }

    /// One computer user.
    pub fn computer_user(&self, id: ComputerUserId) -> Result<ComputerUserView, PeopleError> {
        self.user_record(id).map(|user| self.show_user(user))
    }

    /// Computer users by computer and name.
    pub fn computer_users(
        &self,
        filter: &ComputerUserFilter,
        request: &PageRequest,
    ) -> Result<Page<ComputerUserView>, PeopleError> {
        let keep = self.keep_users(filter)?;
        let page = self.directory.computer_users.page(request, keep)?;
        Ok(page.map(|user| self.show_user(user)))
    }

    /// How many computer users a filter keeps.
    pub fn count_computer_users(&self, filter: &ComputerUserFilter) -> Result<u64, PeopleError> {
        let keep = self.keep_users(filter)?;
        Ok(self.directory.computer_users.entries().iter().filter(|entry| keep(entry)).count() as u64)
    }

    fn keep_users<'a>(
        &'a self,
        filter: &'a ComputerUserFilter,
    ) -> Result<impl Fn(&Entry<ComputerUserId, ComputerUser>) -> bool + use<'a>, PeopleError> {
        self.require_full()?;
        let needle = Needle::new(&filter.text);
        Ok(move |entry: &Entry<ComputerUserId, ComputerUser>| {
            let user = &entry.item;
            filter.state.is_none_or(|state| state == user.state)
                && filter.computer.is_none_or(|computer| computer == user.computer)
                && needle.is_in(&entry.search)
                && self.sees_user(user)
                && filter.linked.is_none_or(|linked| linked == Linked::of(self.owner(user).is_some()))
        })
    }

    /// The person whose account it is as of its latest event.
    fn owner(&self, user: &ComputerUser) -> Option<&Employee> {
        let at = self.up_to_date(user).last_seen.unwrap_or(self.now);
        let mut links = self.user_links(user.id);
        let link = links.find(|link| holder(std::slice::from_ref(link), at).is_some())?;
        self.directory.employee(link.employee)
    }

    fn show_user(&self, user: &ComputerUser) -> ComputerUserView {
        let computer = self.directory.computer(user.computer);
        ComputerUserView {
            computer_name: computer.map(|computer| computer.name.clone()).unwrap_or_default(),
            employee: self.owner(user).map(|employee| (employee.id, employee.surname_first())),
            user: self.up_to_date(user),
        }
    }

    /// Active accounts that belong to nobody, with proposals.
    pub fn unassigned(&self, text: &str, request: &PageRequest) -> Result<Page<Unassigned>, PeopleError> {
        self.whole()?;
        let filter = ComputerUserFilter {
            text: text.to_owned(),
            state: Some(State::Active),
            linked: Some(Linked::No),
            computer: None,
        };
        let page = self.computer_users(&filter, request)?;
        Ok(page.map(|user| Unassigned { proposals: self.directory.proposals(&user.user), user }))
    }

    /// How many active accounts belong to nobody.
    pub fn count_unassigned(&self) -> Result<u64, PeopleError> {
        self.whole()?;
        let (state, linked) = (Some(State::Active), Some(Linked::No));
        self.count_computer_users(&ComputerUserFilter { state, linked, ..ComputerUserFilter::default() })
    }

    /// The accounts of a visible employee from the first to the last.
    pub fn links_of_employee(&self, id: EmployeeId) -> Result<Vec<LinkView>, PeopleError> {
        self.require_full()?;
        self.employee_record(id)?;
        let links = self.directory.links_of_employee(id).iter();
        Ok(links.map(|link| self.show_link(link)).collect())
    }

    /// The visible people of an account from the first to the last.
    pub fn links_of_computer_user(&self, id: ComputerUserId) -> Result<Vec<LinkView>, PeopleError> {
        self.user_record(id)?;
        Ok(self.user_links(id).map(|link| self.show_link(link)).collect())
    }

    fn show_link(&self, link: &Link) -> LinkView {
        let user = self.directory.computer_user(link.computer_user);
        let computer = user.and_then(|user| self.directory.computer(user.computer));
        let employee = self.directory.employee(link.employee);
        LinkView {
            begins: link.from.or_else(|| user.and_then(|user| self.up_to_date(user).first_seen)),
            employee_name: employee.map(Employee::surname_first).unwrap_or_default(),
            user_name: user.map(|user| user.name().to_owned()).unwrap_or_default(),
            computer: user.map_or(ComputerId::new(0), |user| user.computer),
            computer_name: computer.map(|computer| computer.name.clone()).unwrap_or_default(),
            link: link.clone(),
        }
    }
}
