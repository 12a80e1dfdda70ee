//! What a reply means, with a sentence that says what to do about it.

use std::time::Duration;

use crate::uplink::hop::Reply;
use crate::uplink::rules::Heard;
use crate::uplink::rules::Verdict;
use crate::uplink::rules::verdict;

/// How often in a row a try ended in the same way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tries {
    pub(super) all: u32,
    status: u16,
    same: u32,
}

/// What a reply means.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) tries: Tries,
    pub(super) status: u16,
    pub(super) code: Option<String>,
    pub(super) detail: String,
    /// What the server asked for.
    pub(super) asked: Option<Duration>,
}

/// Judges. `name` is what an answer must name to be one; without one any answer of the right form is.
pub(super) fn judge(reply: Result<&Reply, &String>, name: Option<&str>, tries: Tries) -> Judged {
    let status = reply.map_or(0, |reply| reply.status);
    let same = if status == tries.status { tries.same + 1 } else { 1 };
    let tries = Tries { all: tries.all.saturating_add(1), status, same };
    let reply = match reply {
        Ok(reply) => reply,
        Err(problem) => {
            let detail = format!("it does not answer ({problem}); check the address and the network");
            return Judged { verdict: Verdict::Later, tries, status, code: None, detail, asked: None };
        }
    };
    let problem = reply.problem.as_ref().filter(|problem| problem.status == reply.status);
    let code = problem.map(|problem| problem.code.clone());
    let answers = |name: &str| reply.answer.as_ref().is_some_and(|answer| answer.batch_id == name);
    let names_batch = name.map_or(reply.answer.is_some(), answers);
    let verdict = verdict(Heard { status, names_batch, code: code.as_deref(), before: same - 1 });
    let said = problem.map_or_else(|| format!("it answered {status}"), |problem| problem.detail.clone());
    let detail = match (verdict, code.as_deref()) {
        // The others say themselves what to do.
        (Verdict::Locked, None) | (Verdict::Locked, Some("no_key" | "unknown_key")) => {
            format!(
                "{said}; put another key into the key file (`nazorat api-key create` on the appliance, \
                 `nazorat agent --join` for a gateway) and start again"
            )
        }
        (Verdict::Later, None) => format!("{said}, which no Nazorat says; check the address"),
        _ => said,
    };
    Judged { verdict, tries, status, code, detail, asked: reply.retry_after }
}

#[cfg(test)]
mod tests {
    use super::Tries;
    use super::judge;
    use crate::uplink::hop::Reply;
    use crate::uplink::rules::Verdict;

    fn reply(status: u16, body: &str) -> Reply {
        let body = body.as_bytes();
        let (answer, problem) = (serde_json::from_slice(body).ok(), serde_json::from_slice(body).ok());
        Reply { status, retry_after: None, answer, problem }
    }

    #[test]
    fn every_reply_ends_in_a_sentence_that_says_what_to_do() {
        let unreachable = "connection refused".to_owned();
        let judged = judge(Err(&unreachable), Some("n"), Tries::default());
        assert_eq!(judged.verdict, Verdict::Later);
        assert_eq!(judged.detail, "it does not answer (connection refused); check the address and the network");
        let page = reply(200, "<html>Sign in to the hotel</html>");
        let judged = judge(Ok(&page), Some("n"), Tries::default());
        assert_eq!(judged.verdict, Verdict::Later);
        assert_eq!(judged.detail, "it answered 200, which no Nazorat says; check the address");
        let locked =
            reply(401, r#"{"title":"t","status":401,"code":"unknown_key","detail":"this API key is not known"}"#);
        let judged = judge(Ok(&locked), Some("n"), Tries::default());
        assert_eq!(judged.verdict, Verdict::Locked);
        assert!(judged.detail.starts_with("this API key is not known; put another key into the key file"));
    }

    #[test]
    fn only_the_answer_to_this_batch_counts() {
        let of = |name| {
            let reply = reply(200, r#"{"batch_id":"n","accepted":1,"duplicate":false,"rejected":[]}"#);
            judge(Ok(&reply), name, Tries::default()).verdict
        };
        assert_eq!((of(Some("n")), of(Some("m")), of(None)), (Verdict::Taken, Verdict::Later, Verdict::Taken));
    }
}
