//! Pushes: the terminal posts an event by itself. It is answered when the event is durable, and not before.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use nazorat_terminals::hikvision::event::Message;
use nazorat_terminals::hikvision::push;

use super::Terminal;
use crate::adapters::PushAnswer;
use crate::adapters::PushRequest;

/// Terminals do not wait for ever either.
const WITHIN: Duration = Duration::from_secs(8);

impl Terminal {
    pub(super) async fn take_push(&self, request: PushRequest) -> PushAnswer {
        if !matches!(request.method.as_str(), "POST" | "PUT") {
            return PushAnswer::text(405, "events are posted\n");
        }
        let messages = match push::read(&request.content_type, &request.body) {
            Ok(messages) => messages,
            Err(problem) => return PushAnswer::text(400, format!("{problem}\n")),
        };
        self.feed.heard();
        let happenings = messages.into_iter().filter_map(|message| match message {
            Message::Happened(happening) => Some(*happening),
            _ => None,
        });
        let happenings: Vec<_> = happenings.collect();
        if happenings.is_empty() {
            return PushAnswer::text(200, "");
        }
        // Before it was seen where the log goes on, nobody can say which event this is.
        let known = self.remembered().filter(|_| self.is_live.load(SeqCst));
        let Some(known) = known else { return PushAnswer::text(503, "not connected yet, send it again\n") };
        match tokio::time::timeout(WITHIN, self.hear(&known, happenings)).await {
            Ok(Ok(())) => PushAnswer::text(200, ""),
            Ok(Err(_)) | Err(_) => {
                self.poke.notify_one();
                PushAnswer::text(503, "it could not be kept, send it again\n")
            }
        }
    }
}
