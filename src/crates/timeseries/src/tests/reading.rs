//! Pages, order, and search.

use proptest::prelude::*;

use crate::AccountSpan;
use crate::EventQuery;
use crate::Filter;
use crate::Order;
use crate::Position;
use crate::RollLimits;
use crate::tests::world::MINUTE;
use crate::tests::world::World;
use crate::tests::world::everything;
use crate::tests::world::november;

fn rows_of(world: &World, filter: Filter) -> usize {
    let page = world
        .hub
        .events(&EventQuery { filter: filter.clone(), order: Order::Newest, after: None, limit: 1000 })
        .unwrap();
    assert_eq!(world.hub.count(&filter).unwrap().rows, page.rows.len() as u64);
    page.rows.len()
}

#[test]
fn accounts_and_their_times_select_rows() {
    let world = World::new();
    let start = november().start_us();
    world.windows("a", 1, start, 10);
    world.windows("b", 2, start, 10);
    let span = |account, from, to| AccountSpan { account, from_us: start + from * MINUTE, to_us: start + to * MINUTE };
    let who = |who: Vec<AccountSpan>| Filter { who: Some(who), ..everything() };
    assert_eq!(rows_of(&world, who(vec![])), 0);
    assert_eq!(rows_of(&world, who(vec![AccountSpan { account: 1, from_us: 0, to_us: i64::MAX }])), 10);
    assert_eq!(rows_of(&world, who(vec![span(1, 0, 3), span(2, 5, 6)])), 4);
    assert_eq!(rows_of(&world, who(vec![span(1, 0, 3), span(1, 8, 100)])), 5);
    assert_eq!(rows_of(&world, Filter { from_us: start + 4 * MINUTE, to_us: start + 6 * MINUTE, ..everything() }), 4);
}

#[test]
fn a_search_text_is_text_and_nothing_else() {
    let world = World::new();
    world.windows("Quarterly 100%_done \\ 'x'", 1, november().start_us(), 5);
    world.windows("other", 2, november().start_us(), 5);
    world.windows("\u{41e}\u{442}\u{447}\u{451}\u{442}", 3, november().start_us(), 5);
    let search = |q: &str| rows_of(&world, Filter { q: Some(q.to_owned()), ..everything() });
    assert_eq!(search("quarterly"), 5);
    assert_eq!(search("WRITER.EXE"), 15);
    assert_eq!(search("\u{43e}\u{442}\u{447}\u{451}\u{442}"), 5);
    assert_eq!(search("100%_D"), 5);
    assert_eq!(search("\\ 'X'"), 5);
    for none in ["%", "o%r", "_ther", "') OR 1=1 --", "\0"] {
        assert_eq!(search(none), if none == "%" { 5 } else { 0 }, "{none:?}");
    }
}

#[test]
fn a_search_in_events_without_text_finds_nothing() {
    let world = World::new();
    let batches = crate::Batches {
        rows: crate::Rows::UserSessions(vec![crate::Row {
            ts_us: november().start_us(),
            account: 1,
            batch: 0,
            idx: 0,
            event: crate::UserSession { action: 1 },
        }]),
        ledger: vec![crate::tests::world::ledger("s")],
        accounts: vec![],
    };
    let key = crate::PartitionKey { dataset: crate::Dataset::UserSessions, ..crate::tests::world::key() };
    world.hub.apply(&key, &batches).unwrap();
    let all = Filter { dataset: key.dataset, ..everything() };
    assert_eq!(rows_of(&world, all.clone()), 1);
    assert_eq!(rows_of(&world, Filter { q: Some("1".to_owned()), ..all }), 0);
}

#[test]
fn the_status_of_a_gateway_comes_back_as_it_was() {
    let world = World::new();
    let status = crate::GatewayStatus {
        gateway: "01990000-0000-7000-8000-000000000001",
        agent: 7,
        happening: 2,
        version: "0.1.0",
        cpu_permille: 1_000,
        memory_bytes: 38 << 20,
        disk_free_bytes: u64::MAX,
        spool_batches: 3,
        spool_bytes: 9_000,
        spool_max_bytes: 2 << 30,
        oldest_secs: u32::MAX,
        evicted: 4,
        agents: 2,
        agents_online: 1,
    };
    let row = crate::Row { ts_us: november().start_us(), account: -5, batch: 0, idx: 0, event: status };
    let batches = crate::Batches {
        rows: crate::Rows::GatewayStatus(vec![row]),
        ledger: vec![crate::tests::world::ledger("s")],
        accounts: vec![],
    };
    let key = crate::PartitionKey { dataset: crate::Dataset::GatewayStatus, ..crate::tests::world::key() };
    world.hub.apply(&key, &batches).unwrap();
    let filter = Filter { dataset: key.dataset, ..everything() };
    let page = world.hub.events(&EventQuery { filter, order: Order::Oldest, after: None, limit: 9 }).unwrap();
    let crate::Event::GatewayStatus(read) = &page.rows[0].event else { panic!("{:?}", page.rows) };
    assert_eq!((page.rows[0].account, read.agent, read.happening, read.spool_max_bytes), (-5, 7, 2, 2 << 30));
    // What the file cannot hold is the most that it can.
    assert_eq!((read.disk_free_bytes, read.oldest_secs), (i64::MAX.unsigned_abs(), i32::MAX.unsigned_abs()));
    assert_eq!(
        (read.gateway.as_str(), read.evicted, read.agents_online),
        ("01990000-0000-7000-8000-000000000001", 4, 1)
    );
}

#[test]
fn the_status_of_a_terminal_comes_back_as_it_was() {
    let world = World::new();
    let at = november().start_us();
    let known = crate::DeviceStatus {
        gateway: "01990000-0000-7000-8000-000000000001",
        state: 3,
        code: "credentials_refused",
        last_contact_us: Some(at - 5),
        last_event_us: Some(at - 9),
        drift_ms: Some(-1_500),
        answer_ms: Some(u32::MAX),
    };
    let unknown = crate::DeviceStatus { state: 0, ..crate::DeviceStatus::default() };
    let row = |idx, event| crate::Row { ts_us: at, account: 7, batch: 0, idx, event };
    let batches = crate::Batches {
        rows: crate::Rows::DeviceStatus(vec![row(0, known.clone()), row(1, unknown)]),
        ledger: vec![crate::tests::world::ledger("s")],
        accounts: vec![],
    };
    let key = crate::PartitionKey { dataset: crate::Dataset::DeviceStatus, ..crate::tests::world::key() };
    world.hub.apply(&key, &batches).unwrap();
    let filter = Filter { dataset: key.dataset, ..everything() };
    let page = world.hub.events(&EventQuery { filter, order: Order::Oldest, after: None, limit: 9 }).unwrap();
    let read: Vec<_> = page.rows.into_iter().map(|row| (row.account, row.event)).collect();
    let own = |text: &str| text.to_owned();
    let known = crate::DeviceStatus {
        gateway: own(known.gateway),
        state: 3,
        code: own(known.code),
        last_contact_us: known.last_contact_us,
        last_event_us: known.last_event_us,
        drift_ms: known.drift_ms,
        answer_ms: known.answer_ms,
    };
    let expected = [known, crate::DeviceStatus::default()].map(|status| (7, crate::Event::DeviceStatus(status)));
    assert_eq!(read, expected);
}

#[test]
fn what_a_terminal_saw_comes_back_as_it_was_and_each_serial_number_once() {
    let world = World::new();
    let event = |serial, drift_ms| crate::AccessEvent {
        serial,
        seen_at_us: november().start_us() + 400_000,
        door: 1,
        reader: 2,
        person: "1001",
        person_name: "Anna Petrova",
        card: "",
        credential: 2,
        direction: 1,
        outcome: 1,
        reason: "",
        code: "5/75",
        replayed: true,
        drift_ms,
    };
    let row = |batch, event| crate::Row { ts_us: november().start_us(), account: 7, batch, idx: batch, event };
    let key = crate::PartitionKey { dataset: crate::Dataset::AccessEvents, ..crate::tests::world::key() };
    // One ledger row for each event: the second time only what is new is written, whoever sends it.
    for (rows, names, written) in [
        (vec![row(0, event("1:1", Some(-1_500))), row(1, event("1:2", None))], ["1:1", "1:2"], 2),
        (vec![row(0, event("1:2", None)), row(1, event("1:3", None))], ["1:2", "1:3"], 1),
    ] {
        let ledger = names.map(crate::tests::world::ledger).to_vec();
        let batches = crate::Batches { rows: crate::Rows::AccessEvents(rows), ledger, accounts: vec![] };
        assert_eq!(world.hub.apply(&key, &batches).unwrap().rows, written);
    }
    let who = Some(vec![crate::AccountSpan { account: 7, from_us: 0, to_us: i64::MAX }]);
    let filter = Filter { dataset: key.dataset, who, q: Some("PETROVA".to_owned()), ..everything() };
    let page = world.hub.events(&EventQuery { filter, order: Order::Oldest, after: None, limit: 9 }).unwrap();
    let read: Vec<_> = page
        .rows
        .iter()
        .map(|row| match &row.event {
            crate::Event::Access(read) => (read.serial.as_str(), read.drift_ms, read.replayed, read.reader),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, [("1:1", Some(-1_500), true, 2), ("1:2", None, true, 2), ("1:3", None, true, 2)]);
}

#[test]
fn a_position_is_read_back() {
    let position = Position { ts_us: -5, generation: 1, batch: 2, idx: 3 };
    assert_eq!(Position::parse(&position.encode()), Some(position));
    for wrong in ["", "1.2.3", "1.2.3.4.5", "a.1.1.1", "1.-1.1.1"] {
        assert_eq!(Position::parse(wrong), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn pages_put_together_are_the_whole_in_order(
        batches in proptest::collection::vec((0i64..3, 0i64..4, 1u32..12), 1..8),
        limit in 1usize..15,
        newest in any::<bool>(),
    ) {
        let world = World::with(|config| config.roll = RollLimits { rows: 20, ..RollLimits::default() });
        for (n, (months, minutes, rows)) in batches.iter().enumerate() {
            let mut month = november();
            (0..*months).for_each(|_| month = month.next());
            world.windows(&format!("batch {n}"), n as i64 % 2, month.start_us() + minutes * MINUTE, *rows);
        }
        let order = if newest { Order::Newest } else { Order::Oldest };
        let whole = world.all(order);
        prop_assert_eq!(whole.len() as u64, world.count().rows);
        let in_order = whole.windows(2).all(|pair| match order {
            Order::Newest => pair[0].position > pair[1].position,
            Order::Oldest => pair[0].position < pair[1].position,
        });
        prop_assert!(in_order);
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = world.page(order, after, limit);
            prop_assert!(page.rows.len() <= limit);
            pages.extend(page.rows);
            after = page.next;
            if after.is_none() { break }
        }
        prop_assert_eq!(pages, whole);
    }
}
