//! The people of a terminal: what differs is written, and read back, because a terminal's OK is no proof.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::time::Duration;

use nazorat_terminals::hikvision::person;
use nazorat_terminals::hikvision::person::Card;
use nazorat_terminals::hikvision::person::Named;
use nazorat_terminals::hikvision::person::Page;
use nazorat_terminals::hikvision::person::Removal;
use nazorat_terminals::hikvision::person::User;
use nazorat_terminals::hikvision::status::Verdict;
use nazorat_terminals::hikvision::time;
use reqwest::Method;

use super::Known;
use super::Terminal;
use super::line;
use super::line::Request;
use super::reading::fresh;
use crate::adapters::DeviceError;
use crate::adapters::Face;
use crate::adapters::Number;
use crate::adapters::Person;
use crate::adapters::TerminalPerson;
use crate::kernel::Timestamp;
use crate::kernel::random_bytes;

/// Terminals count no further.
const FOR_EVER: &str = "2037-12-31T23:59:59";
const FROM_EVER: &str = "2000-01-01T00:00:00";

const MOST_FACE: usize = 200 * 1024;

/// People or cards of one terminal, whatever it claims.
const MOST_PAGES: u32 = 20_000;

/// How long a removal may take.
const REMOVES_WITHIN: Duration = Duration::from_secs(60);

impl Terminal {
    pub(super) async fn list_people(&self) -> Result<Vec<TerminalPerson>, DeviceError> {
        let known = self.with_people().await?;
        let users = self.users(&known, None).await?;
        let mut cards: HashMap<String, Vec<String>> = HashMap::new();
        if known.flags.cards {
            for card in self.cards(&known, None).await? {
                cards.entry(card.person).or_default().push(card.number);
            }
        }
        let people = users.into_iter().map(|user| TerminalPerson {
            cards: known.flags.cards.then(|| cards.remove(&user.number).unwrap_or_default()),
            has_face: user.faces.map(|faces| faces > 0),
            number: user.number,
            name: user.name,
            is_admin: user.is_admin,
        });
        Ok(people.collect())
    }

    pub(super) async fn put(&self, person: &Person) -> Result<(), DeviceError> {
        let known = self.with_people().await?;
        let number = named(person.number.as_str())?;
        let cards: BTreeSet<Named> = person.cards.iter().map(|card| named(card)).collect::<Result<_, _>>()?;
        if let Face::Jpeg(face) = &person.face
            && (face.len() > MOST_FACE || !face.starts_with(&[0xff, 0xd8]))
        {
            return Err(DeviceError::Refused("the face must be a JPEG of at most 200 KB".to_owned()));
        }
        let before = self.users(&known, Some(&number)).await?.into_iter().next();
        refuse_admin(before.as_ref(), &number)?;
        let wanted = self.wanted(person, before.as_ref(), &known);
        if before.as_ref().is_none_or(|before| !is_same(before, &wanted)) {
            self.write(&known, &number, &wanted).await?;
        }
        if known.flags.cards {
            self.put_cards(&known, &number, &cards).await?;
        } else if !cards.is_empty() {
            return Err(DeviceError::Unsupported("the terminal keeps no cards".to_owned()));
        }
        let faces = before.and_then(|before| before.faces).unwrap_or(0);
        self.put_face(&known, &person.face, &number, faces).await?;
        self.check(&known, &number, (&wanted, &cards)).await
    }

    pub(super) async fn remove(&self, number: &Number) -> Result<(), DeviceError> {
        let known = self.with_people().await?;
        let named = named(number.as_str())?;
        let before = self.users(&known, Some(&named)).await?.into_iter().next();
        refuse_admin(before.as_ref(), &named)?;
        if before.is_none() {
            return Ok(());
        }
        let path = "/ISAPI/AccessControl/UserInfoDetail/Delete?format=json";
        let answer = self.line.ask(Request::json(Method::PUT, path, person::remove_user(&named))).await?;
        answer.data("the person cannot be taken off")?;
        let until = tokio::time::Instant::now() + REMOVES_WITHIN;
        loop {
            let told = self.ask_for("/ISAPI/AccessControl/UserInfoDetail/DeleteProcess?format=json").await?;
            match told.map(|body| person::removal(&body)) {
                Some(Ok(Removal::Runs)) if tokio::time::Instant::now() < until => {}
                Some(Ok(Removal::Runs)) => {
                    return Err(DeviceError::Busy("it takes too long to take the person off".to_owned()));
                }
                Some(Ok(Removal::Failed)) => {
                    return Err(DeviceError::Refused("it could not take the person off".to_owned()));
                }
                Some(Ok(Removal::Done) | Err(_)) | None => break,
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        match self.users(&known, Some(&named)).await?.is_empty() {
            true => Ok(()),
            false => Err(DeviceError::Refused("it says that the person is taken off, but has them still".to_owned())),
        }
    }

    async fn with_people(&self) -> Result<std::sync::Arc<Known>, DeviceError> {
        let known = match self.remembered() {
            Some(known) => known,
            None => self.known().await?,
        };
        match known.flags.people {
            true => Ok(known),
            false => Err(DeviceError::Unsupported("the terminal keeps no people".to_owned())),
        }
    }

    /// Rights at the terminal are not ours: what stands there stays, and newcomers may pass its doors.
    fn wanted(&self, person: &Person, before: Option<&User>, known: &Known) -> User {
        let zone = self.zone();
        let local = |at: Option<Timestamp>, otherwise: &str| {
            let text = at.map(|at| time::local(at, &zone)).unwrap_or_else(|| otherwise.to_owned());
            text.clamp(FROM_EVER.to_owned(), FOR_EVER.to_owned())
        };
        let mut name = person.name.trim().to_owned();
        while name.len() > known.people.name {
            name.pop();
        }
        let doors = self.settings.doors;
        let all: Vec<String> = (1..=doors).map(|door| door.to_string()).collect();
        User {
            number: person.number.as_str().to_owned(),
            name: name.trim_end().to_owned(),
            from: local(person.from, FROM_EVER),
            until: local(person.until, FOR_EVER),
            is_limited: true,
            doors: before.map(|before| before.doors.clone()).filter(|doors| !doors.is_empty()).unwrap_or(all.join(",")),
            plan: before
                .map(|before| before.plan.clone())
                .filter(|plan| plan.is_array())
                .unwrap_or(User::plan_for(doors)),
            is_admin: false,
            faces: None,
        }
    }

    /// In one request where the terminal can; otherwise added, and changed if they are there already.
    async fn write(&self, known: &Known, number: &Named, user: &User) -> Result<(), DeviceError> {
        let what = "the person cannot be written";
        let body = user.body(number);
        if known.people.set_up {
            let path = "/ISAPI/AccessControl/UserInfo/SetUp?format=json";
            return self.line.ask(Request::json(Method::PUT, path, body)).await?.data(what).map(|_| ());
        }
        let path = "/ISAPI/AccessControl/UserInfo/Record?format=json";
        let answer = self.line.ask(Request::json(Method::POST, path, body.clone())).await?;
        match answer.verdict() {
            (Verdict::Fine, _) => Ok(()),
            (Verdict::Exists, _) => {
                let path = "/ISAPI/AccessControl/UserInfo/Modify?format=json";
                self.line.ask(Request::json(Method::PUT, path, body)).await?.data(what).map(|_| ())
            }
            (verdict, words) => Err(line::error(verdict, what, &words)),
        }
    }

    async fn put_cards(&self, known: &Known, number: &Named, wanted: &BTreeSet<Named>) -> Result<(), DeviceError> {
        let there = self.cards(known, Some(number)).await?;
        let there: BTreeSet<Named> = there.iter().filter_map(|card| Named::parse(&card.number)).collect();
        let gone: Vec<Named> = there.difference(wanted).cloned().collect();
        if let [first, rest @ ..] = gone.as_slice() {
            let path = "/ISAPI/AccessControl/CardInfo/Delete?format=json";
            let answer = self.line.ask(Request::json(Method::PUT, path, person::remove_cards(first, rest))).await?;
            answer.data("a card cannot be taken off")?;
        }
        for card in wanted.difference(&there) {
            let path = "/ISAPI/AccessControl/CardInfo/Record?format=json";
            let answer = self.line.ask(Request::json(Method::POST, path, person::add_card(number, card))).await?;
            match answer.verdict() {
                (Verdict::Exists, _) => {
                    return Err(DeviceError::Refused(
                        "a card of this person belongs to somebody else there".to_owned(),
                    ));
                }
                _ => answer.data("a card cannot be added").map(|_| ())?,
            }
        }
        Ok(())
    }

    async fn put_face(&self, known: &Known, face: &Face, number: &Named, there: u64) -> Result<(), DeviceError> {
        let face = match face {
            Face::AsItIs => return Ok(()),
            Face::Off if there == 0 || !known.flags.faces => return Ok(()),
            Face::Off => {
                let path = "/ISAPI/Intelligent/FDLib/FDSearch/Delete?format=json&FDID=1&faceLibType=blackFD";
                let answer = self.line.ask(Request::json(Method::PUT, path, person::remove_face(number))).await?;
                return answer.data("the face cannot be taken off").map(|_| ());
            }
            Face::Jpeg(_) if !known.flags.faces => {
                return Err(DeviceError::Unsupported("the terminal knows no faces".to_owned()));
            }
            Face::Jpeg(face) => face,
        };
        let (content_type, body) = face_body(number, face);
        let path = "/ISAPI/Intelligent/FDLib/FDSetUp?format=json";
        let request = Request { method: Method::PUT, path, content_type: &content_type, body };
        self.line.ask(request).await?.data("the face is not taken").map(|_| ())
    }

    async fn check(
        &self,
        known: &Known,
        number: &Named,
        (user, cards): (&User, &BTreeSet<Named>),
    ) -> Result<(), DeviceError> {
        let there = self.users(known, Some(number)).await?;
        if !there.iter().any(|there| is_same(there, user)) {
            return Err(DeviceError::Nonsense("it says that the person is written, but tells otherwise".to_owned()));
        }
        if known.flags.cards {
            let there = self.cards(known, Some(number)).await?;
            let there: BTreeSet<Named> = there.iter().filter_map(|card| Named::parse(&card.number)).collect();
            if &there != cards {
                return Err(DeviceError::Nonsense(
                    "it says that the cards are written, but tells otherwise".to_owned(),
                ));
            }
        }
        Ok(())
    }

    async fn users(&self, known: &Known, only: Option<&Named>) -> Result<Vec<User>, DeviceError> {
        let path = "/ISAPI/AccessControl/UserInfo/Search?format=json";
        let mut users =
            self.all(path, |at| person::find_users((at.0, at.1, known.people.page), only), person::users).await?;
        // One that does not know the condition answers with everybody.
        users.retain(|user| only.is_none_or(|only| user.number == only.as_str()));
        Ok(users)
    }

    async fn cards(&self, known: &Known, only: Option<&Named>) -> Result<Vec<Card>, DeviceError> {
        let path = "/ISAPI/AccessControl/CardInfo/Search?format=json";
        let mut cards =
            self.all(path, |at| person::find_cards((at.0, at.1, known.people.page), only), person::cards).await?;
        cards.retain(|card| only.is_none_or(|only| card.person == only.as_str()));
        Ok(cards)
    }

    /// All pages of a search.
    async fn all<T>(
        &self,
        path: &str,
        body: impl Fn((&str, u64)) -> String,
        read: fn(&[u8]) -> Result<Page<T>, nazorat_terminals::hikvision::Unreadable>,
    ) -> Result<Vec<T>, DeviceError> {
        let what = "its people cannot be read";
        let (id, mut position, mut found) = (fresh(), 0, Vec::new());
        for _ in 0..MOST_PAGES {
            let answer = self.line.ask(Request::json(Method::POST, path, body((&id, position)))).await?.data(what)?;
            let page = read(&answer).map_err(|problem| DeviceError::Nonsense(format!("{what}: {problem}")))?;
            let next = page.next(position);
            found.extend(page.items);
            match next {
                Some(next) => position = next,
                None => break,
            }
        }
        Ok(found)
    }
}

fn named(text: &str) -> Result<Named, DeviceError> {
    Named::parse(text).ok_or_else(|| {
        DeviceError::Refused("numbers of people and cards have 1 to 32 letters and digits without blanks".to_owned())
    })
}

fn refuse_admin(user: Option<&User>, number: &Named) -> Result<(), DeviceError> {
    match user.is_some_and(|user| user.is_admin) {
        true => {
            let what = format!("person {} administers the terminal and is left alone", number.as_str());
            Err(DeviceError::Refused(what))
        }
        false => Ok(()),
    }
}

/// Some write an offset behind times, and some do not tell which doors somebody may pass.
fn is_same(there: &User, wanted: &User) -> bool {
    let same_time = |there: &str, wanted: &str| there.get(..wanted.len()) == Some(wanted);
    let same_times = same_time(&there.from, &wanted.from) && same_time(&there.until, &wanted.until);
    let same_doors = there.doors.is_empty() || there.doors == wanted.doors;
    there.name == wanted.name && same_times && there.is_limited == wanted.is_limited && same_doors
}

/// The names of the parts are the maker's; the boundary is in no picture that anybody could prepare.
fn face_body(number: &Named, face: &[u8]) -> (String, Vec<u8>) {
    let boundary = format!("nz{}", hex::encode(random_bytes::<12>()));
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"faceURL\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"img\"; filename=\"faceImage.jpg\"\r\n\
         Content-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
        person::face(number),
        face.len()
    )
    .into_bytes();
    body.extend_from_slice(face);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
