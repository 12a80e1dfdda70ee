//! What SQL could reach, if someone managed to run any.

use crate::hub::lock;
use crate::tests::world::World;

#[test]
fn the_engine_reaches_nothing_outside_the_data_folder() {
    let world = World::new();
    let writer = lock(&world.hub.inner.writer);
    for sql in [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "ATTACH '/tmp/elsewhere.duckdb' AS elsewhere",
        "COPY (SELECT 1) TO '/tmp/elsewhere.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 4",
        "SET enable_external_access = true",
        "RESET lock_configuration",
    ] {
        assert!(writer.execute_batch(sql).is_err(), "{sql}");
    }
    let outside = world.dir.path().join("events/../outside.csv");
    assert!(writer.execute_batch(&format!("COPY (SELECT 1) TO '{}'", outside.display())).is_err());
}
