//! The event stream: opened, cut into messages, and given up when it is silent for longer than it ever was.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use nazorat_terminals::hikvision::event;
use nazorat_terminals::hikvision::event::Happening;
use nazorat_terminals::hikvision::event::Message;
use nazorat_terminals::hikvision::multipart::Part;
use nazorat_terminals::hikvision::multipart::Parts;
use nazorat_terminals::hikvision::status::Verdict;
use reqwest::Method;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

use super::Known;
use super::Terminal;
use super::line;
use super::line::Answer;
use super::line::Request;
use super::settings::StreamChoice;
use crate::adapters::DeviceError;

/// A message without a stated length is believed to be whole when nothing follows for so long.
const SETTLES: Duration = Duration::from_millis(1500);

/// Everything, with a sign of life in between.
const SUBSCRIPTION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SubscribeEvent version=\"2.0\" \
     xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><heartbeat>20</heartbeat><channelMode>all</channelMode>\
     <eventMode>all</eventMode></SubscribeEvent>";

impl Terminal {
    /// Opens the stream; `None` where there is none to be had now.
    pub(super) async fn open_stream(&self, known: &Arc<Known>) -> Result<Option<Response>, DeviceError> {
        let deploy = self.settings.deploy.map(|id| format!("?deployID={id}")).unwrap_or_default();
        let choice = self.settings.stream;
        let subscribes = match choice {
            StreamChoice::Poll => return Ok(None),
            StreamChoice::Auto => known.can_subscribe,
            StreamChoice::Subscribe => true,
            StreamChoice::Alert => false,
        };
        if subscribes {
            let path = format!("/ISAPI/Event/notification/subscribeEvent{deploy}");
            let request = Request::xml(Method::POST, &path, SUBSCRIPTION.to_owned());
            match self.line.open(request).await? {
                Ok(stream) => return Ok(Some(stream)),
                Err(answer) if choice == StreamChoice::Subscribe => return self.no_stream(&answer, known),
                Err(answer) if answer.verdict().0 != Verdict::Unsupported => return self.no_stream(&answer, known),
                Err(_) => {}
            }
        }
        let path = format!("/ISAPI/Event/notification/alertStream{deploy}");
        match self.line.open(Request::get(&path)).await? {
            Ok(stream) => Ok(Some(stream)),
            Err(answer) => self.no_stream(&answer, known),
        }
    }

    /// A stream that is refused is no reason to go without events where there is a log.
    fn no_stream(&self, answer: &Answer, known: &Known) -> Result<Option<Response>, DeviceError> {
        let (verdict, words) = answer.verdict();
        if verdict == Verdict::Credentials || known.log.is_none() {
            return Err(line::error(verdict, "its event stream is refused", &words));
        }
        tracing::info!(
            device.id = self.device,
            "device {} has no event stream for us ({words}), its log is read",
            self.device
        );
        Ok(None)
    }

    /// Reads the stream until it breaks. Messages that nobody takes in time are dropped where the log has them.
    pub(super) async fn listen(&self, mut stream: Response, mut ears: Ears, has_log: bool) -> DeviceError {
        let content_type = stream.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut parts = Parts::of(content_type);
        let mut silence = Silence { last: Instant::now(), beats: 0, longest: Duration::ZERO };
        loop {
            let Ok(chunk) = tokio::time::timeout(SETTLES.min(self.pace.least_silence / 3), stream.chunk()).await else {
                let limit = silence.limit(&self.pace);
                if silence.last.elapsed() > limit {
                    let limit = limit.as_secs();
                    return DeviceError::Unreachable(format!("its event stream was silent for more than {limit} s"));
                }
                if let Some(part) = parts.settle() {
                    self.pass_on(part, &mut silence, (&mut ears, has_log)).await;
                }
                continue;
            };
            let chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return DeviceError::Unreachable("it closed the event stream".to_owned()),
                Err(problem) => return self.line.broken(&problem),
            };
            silence.heard();
            self.feed.heard();
            let found = match parts.push(&chunk) {
                Ok(found) => found,
                Err(overflow) => return DeviceError::Nonsense(overflow.to_string()),
            };
            for part in found {
                self.pass_on(part, &mut silence, (&mut ears, has_log)).await;
            }
        }
    }

    async fn pass_on(&self, part: Part, silence: &mut Silence, (ears, has_log): (&mut Ears, bool)) {
        let text = match part {
            Part::Message(text) => text,
            Part::Binary(image) => return ears.see(image),
        };
        let message = event::read(&text);
        ears.told = match &message {
            Ok(Message::Happened(happening)) if self.settings.pictures => Some(happening.clone()),
            _ => None,
        };
        match message {
            Ok(Message::Heartbeat) => silence.beats = silence.beats.saturating_add(1),
            Ok(Message::Happened(happening)) if has_log => {
                if ears.events.try_send(*happening).is_err() {
                    self.poke.notify_one();
                }
            }
            // Without a log the device has to wait for us. That nobody takes any more ends both sides.
            Ok(Message::Happened(happening)) => drop(ears.events.send(*happening).await),
            Ok(Message::Subscribed | Message::Other) => {}
            Err(problem) => {
                tracing::debug!(
                    device.id = self.device,
                    "a message of device {} cannot be read: {problem}",
                    self.device
                );
                self.poke.notify_one();
            }
        }
    }
}

/// Where what is heard goes.
pub(super) struct Ears {
    events: Sender<Happening>,
    pictures: Sender<Shown>,
    /// What was told last, while a picture of it may follow and is wanted.
    told: Option<Box<Happening>>,
}

impl Ears {
    pub(super) const fn new(events: Sender<Happening>, pictures: Sender<Shown>) -> Self {
        Self { events, pictures, told: None }
    }

    /// A picture stands behind the message that it belongs to. Where there is no room it is dropped: events come first.
    fn see(&mut self, image: Vec<u8>) {
        if let Some(happening) = self.told.take() {
            drop(self.pictures.try_send((happening, image.into())));
        }
    }
}

/// A picture, and what it shows.
pub(super) type Shown = (Box<Happening>, Bytes);

/// How long the stream may be silent: what was seen so far, times three.
struct Silence {
    last: Instant,
    beats: u32,
    longest: Duration,
}

impl Silence {
    fn heard(&mut self) {
        self.longest = self.longest.max(self.last.elapsed());
        self.last = Instant::now();
    }

    /// Without heartbeats it is the looks at the log that show whether the terminal is there.
    fn limit(&self, pace: &super::Pace) -> Duration {
        match self.beats {
            0 => pace.mute,
            1 => pace.most_silence,
            _ => (self.longest * 3).clamp(pace.least_silence, pace.most_silence),
        }
    }
}
