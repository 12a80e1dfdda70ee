//! The disk of a gateway: full, without room for another file, broken.

mod slow;

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::branch::World;
use super::journal::Journal;
use crate::support::tools::run;
use crate::support::tools::strace;

/// A disk of its own for a folder: ext4 in a file, as small as asked for.
struct SmallDisk {
    folder: PathBuf,
    image: tempfile::NamedTempFile,
}

impl SmallDisk {
    fn under(folder: &Path, mib: u64, files: u64) -> Self {
        let image = tempfile::NamedTempFile::new().unwrap();
        image.as_file().set_len(mib << 20).unwrap();
        std::fs::create_dir_all(folder).unwrap();
        let files = files.to_string();
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0", "-N", &files]).arg(image.path()));
        run(Command::new("mount").args(["-o", "loop"]).arg(image.path()).arg(folder));
        run(Command::new("chmod").arg("700").arg(folder));
        Self { folder: folder.to_owned(), image }
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Takes so much of the room away, until `ease`.
    fn burden(&self, mib: u64) {
        run(Command::new("fallocate").args(["-l", &(mib << 20).to_string()]).arg(self.ballast()));
    }

    fn ease(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    /// Makes empty files until there is no room for one more.
    fn crowd(&self) -> PathBuf {
        let crowd = self.folder.join("crowd");
        std::fs::create_dir(&crowd).unwrap();
        let made = (0..100_000).take_while(|number| std::fs::File::create(crowd.join(number.to_string())).is_ok());
        assert!(made.count() < 100_000);
        crowd
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.folder).status());
        drop(self.image.as_file().set_len(0));
    }
}

/// What was not flushed is not acknowledged, nothing is flushed a second time after it failed, and the next life finds
/// everything that was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_gw_fsync_eio_never_retry() {
    let mut world = World::new().await;
    let mut journal = Journal::new();
    world.kill_appliance();
    for _ in 0..5 {
        let batch = journal.batch(20);
        assert!(world.send(&mut journal, &batch).await);
    }
    let trace = world.gateway().desk().data().join("trace");
    let process = world.gateway().process_id().to_string();
    let mut tracer = Command::new(strace());
    tracer.args(["-f", "-y", "-qq", "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync:error=EIO:when=1"]);
    let mut tracer = tracer.arg("-o").arg(&trace).args(["-p", &process]).spawn().unwrap();
    let attached = || {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
    };
    assert!(crate::support::appliance::wait_until(Duration::from_secs(10), attached));
    let lost = journal.batch(20);
    let answer = world.try_to_send(&mut journal, &lost).await;
    assert_ne!(answer, Some(200), "what was not flushed is acknowledged");
    let desk = world.gateway.take().unwrap().failed(Duration::from_secs(20));
    tracer.wait().unwrap();
    let flushes = std::fs::read_to_string(&trace).unwrap();
    let failed = flushes.lines().position(|line| line.contains("EIO")).unwrap();
    let file = |line: &str| line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).unwrap().0.to_owned();
    let broken = file(flushes.lines().nth(failed).unwrap());
    let again = flushes.lines().skip(failed + 1).filter(|line| line.contains('<') && file(line) == broken);
    assert_eq!(again.count(), 0, "{broken} was flushed again:\n{flushes}");
    // The kernel may have dropped what it could not write, so everything is read anew.
    world.start(desk);
    assert!(world.send(&mut journal, &lost).await);
    world.open();
    let stored = journal.acknowledged();
    let closed = world.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, stored);
}
