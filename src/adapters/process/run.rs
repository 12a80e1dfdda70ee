//! One life of a program: started, greeted, listened to, acknowledged, asked, watched, ended.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use nazorat_terminals::foreign::Mapping;
use nazorat_wire::AccessEvent;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Ask;
use super::Line;
use super::Process;
use super::child;
use super::child::Child;
use super::child::Pipes;
use super::lines::Ended;
use super::lines::Lines;
use super::protocol;
use super::protocol::Hello;
use super::protocol::Said;
use super::talk::Talk;
use super::talk::lock;
use super::talk::plain;
use crate::adapters::DeviceError;
use crate::adapters::budget::Budget;
use crate::adapters::foreign;
use crate::runtime::blocking;

/// The longest line of a program.
const MOST_LINE: usize = 1 << 20;
/// Lines that a program may say at once, and in each second for long.
const LINES: (u32, f64) = (10_000, 1_000.0);
/// Events that are told and not durable yet, and those of one delivery.
const MOST_TOLD: usize = 1_000;
const MOST_AT_ONCE: usize = 500;
/// Things that a program may be asked at once.
const MOST_ASKED: usize = 32;
/// The longest place in a log.
const MOST_CURSOR: usize = 4 << 10;
/// How long the last complaints of a program that has ended may take to arrive.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How often its time of a processor is renewed.
const MINUTE: Duration = Duration::from_secs(60);

/// What a program told, in its order.
enum Told {
    Event(Box<AccessEvent>),
    /// Everything before is an event or was refused.
    Place(Value),
    Live,
}

impl Process {
    pub(super) async fn serve(&self, stop: CancellationToken) -> Result<(), DeviceError> {
        let (programs, name, id) = (self.programs.clone(), self.settings.program.clone(), self.device.id);
        let (program, work) =
            blocking(move || Ok::<_, DeviceError>((programs.find(&name)?, programs.work_of(id)?))).await?;
        let (mut child, pipes) = Child::start(&program, &work, self.settings.memory_bytes)?;
        let outcome = self.talk(&mut child, pipes, &stop).await;
        *self.line() = None;
        child.end().await;
        outcome
    }

    async fn talk(&self, child: &mut Child, pipes: Pipes, stop: &CancellationToken) -> Result<(), DeviceError> {
        let Pipes { mut stdin, stdout, stderr } = pipes;
        let talk = Talk::begin(self.device.id, &self.settings.program);
        let mut lines = Lines::new(stdout, MOST_LINE);
        let begin = async {
            let cursor = self.feed.cursor::<Value>();
            let heartbeat = self.pace.heartbeat.as_secs().max(1);
            let hello = protocol::hello(&self.device, &self.settings, cursor.as_ref(), heartbeat);
            self.write(&mut stdin, &hello).await?;
            self.greeting(&mut lines).await
        };
        let complaints = talk.hear_complaints(stderr);
        tokio::pin!(complaints);
        let greeted = tokio::select! {
            greeted = begin => greeted,
            never = &mut complaints => match never {},
            () = stop.cancelled() => return Ok(()),
        };
        let about = match greeted {
            Ok(Some(about)) => about,
            Ok(None) => return Err(ending(child, &talk, complaints).await),
            Err(problem) => return Err(problem),
        };
        self.feed.heard();
        let (told, events) = mpsc::channel(MOST_TOLD);
        let (asks, asked) = mpsc::channel(MOST_ASKED);
        *self.line() = Some(Line { asks, about: Arc::new(about) });
        let all = async { tokio::try_join!(self.listen(lines, told, &talk), self.deliver(events, &talk)).map(drop) };
        let ended = tokio::select! {
            ended = all => ended,
            ended = self.speak(stdin, asked, &talk, stop) => return ended,
            problem = self.watch(child, &talk) => return Err(problem),
            never = &mut complaints => match never {},
        };
        match ended {
            // It has closed its output.
            Ok(()) => Err(ending(child, &talk, complaints).await),
            Err(problem) => Err(problem),
        }
    }

    /// The first words of a program; nothing if it ended before.
    async fn greeting(&self, lines: &mut Lines<ChildStdout>) -> Result<Option<Hello>, DeviceError> {
        let nonsense = |told: &str| Err(DeviceError::Nonsense(told.to_owned()));
        let secs = self.pace.hello.as_secs_f32();
        match tokio::time::timeout(self.pace.hello, lines.next()).await {
            Err(_) => Err(DeviceError::Unreachable(format!("the program did not say hello within {secs} s"))),
            Ok(Err(Ended::Closed)) => Ok(None),
            Ok(Err(Ended::TooLong)) => nonsense("the first line of the program never ended"),
            Ok(Ok(line)) => match serde_json::from_slice(&line) {
                Ok(Said::Hello(hello)) if hello.version == protocol::VERSION => Ok(Some(hello)),
                Ok(Said::Hello(hello)) => {
                    let told = format!("the program speaks version {}; this gateway speaks version 1", hello.version);
                    Err(DeviceError::Unsupported(told))
                }
                Ok(Said::Failed(problem)) => Err(problem.to_error()),
                _ => nonsense("the first line of the program is no hello; only messages may go to its standard output"),
            },
        }
    }

    /// Reads what it says until it says no more.
    async fn listen(
        &self,
        mut lines: Lines<ChildStdout>,
        told: mpsc::Sender<Told>,
        talk: &Talk,
    ) -> Result<(), DeviceError> {
        let mut budget = Budget::new(LINES.0, LINES.1);
        loop {
            budget.wait().await;
            let line = match lines.next().await {
                Ok(line) => line,
                Err(Ended::Closed) => return Ok(()),
                Err(Ended::TooLong) => {
                    let told = format!("the program said a line of more than {MOST_LINE} bytes");
                    return Err(DeviceError::Nonsense(told));
                }
            };
            *lock(&talk.heard) = Instant::now();
            self.feed.heard();
            let Ok(said) = serde_json::from_slice::<Said>(&line) else {
                let told = "the program said a line that is no message; only messages may go to its standard output";
                return Err(DeviceError::Nonsense(told.to_owned()));
            };
            for one in self.understand(said, talk)? {
                // Nobody takes it when this life is over.
                drop(told.send(one).await);
            }
        }
    }

    /// What of it must be made durable, in its order; the rest is dealt with at once.
    fn understand(&self, said: Said, talk: &Talk) -> Result<Vec<Told>, DeviceError> {
        match said {
            Said::Event { event, cursor } => return self.events(&[event], cursor, talk),
            Said::Events { events, cursor } => return self.events(&events, cursor, talk),
            Said::Live => return Ok(vec![Told::Live]),
            Said::Failed(problem) => return Err(problem.to_error()),
            Said::Drift { millis } => self.feed.drift(millis),
            Said::Missed { detail } => self.lament(plain(&detail, 300), talk),
            Said::Result(answer) => {
                if let Some(done) = lock(&talk.pending).remove(&answer.id) {
                    // Whoever asked may have gone.
                    drop(done.send(answer));
                }
            }
            Said::Log { level, text } => talk.log(&level, &text),
            Said::Hello(_) | Said::Heartbeat | Said::Unknown => {}
        }
        Ok(Vec::new())
    }

    fn events(&self, events: &[Value], cursor: Option<Value>, talk: &Talk) -> Result<Vec<Told>, DeviceError> {
        if events.len() > MOST_AT_ONCE {
            return Err(DeviceError::Nonsense(format!("the program told more than {MOST_AT_ONCE} events at once")));
        }
        if cursor.as_ref().is_some_and(|cursor| cursor.to_string().len() > MOST_CURSOR) {
            return Err(DeviceError::Nonsense(format!("the program told a cursor of more than {MOST_CURSOR} bytes")));
        }
        let mut mapping = Mapping::default();
        // With one door nobody says which.
        mapping.usual.door = u16::from(self.settings.doors == 1);
        let mut told = Vec::with_capacity(events.len() + 1);
        for event in events {
            match foreign::read(&mapping, &self.device, event, self.feed.now()) {
                Ok(event) => told.push(Told::Event(Box::new(event))),
                Err(refused) => {
                    let told = format!("an event of the program could not be read, {}: {refused}", refused.code);
                    self.lament(told, talk);
                    let serial = event.get("serial").filter(|serial| serial.to_string().len() <= 100);
                    let message = json!({
                        "type": "refused", "serial": serial, "code": refused.code, "detail": refused.detail,
                    });
                    talk.refuse(message);
                }
            }
        }
        told.extend(cursor.map(Told::Place));
        Ok(told)
    }

    /// Says on the page of the device that something is missing, as long as it is not too much.
    fn lament(&self, told: String, talk: &Talk) {
        if talk.may_write() {
            self.feed.missed(told);
        }
    }

    /// Makes durable what was told, and lets the program know. Ends when nothing more comes.
    async fn deliver(&self, mut told: mpsc::Receiver<Told>, talk: &Talk) -> Result<(), DeviceError> {
        let mut some = Vec::with_capacity(MOST_AT_ONCE);
        while told.recv_many(&mut some, MOST_AT_ONCE).await > 0 {
            let (mut events, mut place, mut is_live) = (Vec::new(), None, false);
            for one in some.drain(..) {
                match one {
                    Told::Event(event) => events.push(*event),
                    Told::Place(cursor) => place = Some(cursor),
                    Told::Live => is_live = true,
                }
            }
            if !events.is_empty() || place.is_some() {
                let count = events.len() as u64;
                self.feed.deliver(events, place.clone()).await?;
                talk.acknowledge(count, place);
            }
            if is_live {
                self.feed.is_live();
            }
        }
        Ok(())
    }

    /// Says what is to be said, until we are to stop.
    async fn speak(
        &self,
        mut stdin: ChildStdin,
        mut asks: mpsc::Receiver<Ask>,
        talk: &Talk,
        stop: &CancellationToken,
    ) -> Result<(), DeviceError> {
        let mut last = 0;
        loop {
            tokio::select! {
                Some(Ask { mut message, done }) = asks.recv() => {
                    last += 1;
                    message["id"] = last.into();
                    {
                        let mut pending = lock(&talk.pending);
                        // Those who do not wait any more need no answer.
                        pending.retain(|_, done| !done.is_closed());
                        pending.insert(last, done);
                    }
                    self.write(&mut stdin, &message).await?;
                }
                () = talk.news.notified() => {
                    for message in talk.take() {
                        self.write(&mut stdin, &message).await?;
                    }
                }
                () = stop.cancelled() => {
                    drop(self.write(&mut stdin, &json!({ "type": "stop" })).await);
                    return Ok(());
                }
            }
        }
    }

    async fn write(&self, stdin: &mut ChildStdin, message: &Value) -> Result<(), DeviceError> {
        let line = format!("{message}\n");
        let writing = async {
            stdin.write_all(line.as_bytes()).await?;
            stdin.flush().await
        };
        match tokio::time::timeout(self.pace.write, writing).await {
            // It has closed its input; how it ends is told elsewhere, soon.
            Ok(Err(_)) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Err(DeviceError::Unreachable("the program has closed its standard input".to_owned()))
            }
            Ok(Ok(())) => Ok(()),
            Err(_) => Err(DeviceError::Unreachable("the program does not read its standard input".to_owned())),
        }
    }

    /// Ends when the program has been silent for too long.
    async fn watch(&self, child: &mut Child, talk: &Talk) -> DeviceError {
        let mut minute = tokio::time::interval(MINUTE);
        minute.tick().await;
        loop {
            let heard = *lock(&talk.heard);
            tokio::select! {
                _ = minute.tick() => child.refresh(),
                () = tokio::time::sleep_until(heard + self.pace.silence) => {
                    if *lock(&talk.heard) == heard {
                        let secs = self.pace.silence.as_secs_f32();
                        return DeviceError::Unreachable(format!("the program has said nothing for {secs} s"));
                    }
                }
            }
        }
    }
}

/// Why a program that has closed its output is gone.
async fn ending(
    child: &mut Child,
    talk: &Talk,
    mut complaints: Pin<&mut impl Future<Output = Infallible>>,
) -> DeviceError {
    let status = tokio::select! {
        status = child.ended() => status,
        never = &mut complaints => match never {},
    };
    // Its last words may still be on their way.
    drop(tokio::time::timeout(LAST_WORDS, complaints).await);
    let how = child::describe(status);
    let complaint = lock(&talk.complaint).clone();
    DeviceError::Unreachable(if complaint.is_empty() { how } else { format!("{how}: {complaint}") })
}
