//! The same batch more than once, at once and in any order.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use serde_json::Value;
use sha2::Digest as _;

use super::journal::Batch;
use super::journal::Journal;
use super::office::Answer;
use super::office::Office;
use super::office::post;
use super::office::read;

/// Every third one in turn: far from the order in which they were made, and the same in each run.
fn shuffled(batches: &[Batch]) -> Vec<Batch> {
    let thrice: Vec<_> = batches.iter().chain(batches).chain(batches).cloned().collect();
    let step = 7 * 17;
    (0..thrice.len()).map(|place| thrice[place * step % thrice.len()].clone()).collect()
}

#[tokio::test]
async fn f11_dup_and_reorder_batches() {
    let office = Office::new();
    let mut journal = Journal::new();
    let batches: Vec<Batch> = (0..64).map(|number| journal.batch(1 + number % 40)).collect();
    let sent = shuffled(&batches);
    let url = office.appliance.https("/v2/ingest/logs");
    // Sixteen clients are sixteen connections.
    let workers = sent.chunks(sent.len() / 16).map(|part| {
        let (http, key, url) = (office.appliance.client(), &office.key, &url);
        async move {
            let mut answers = Vec::new();
            for batch in part {
                answers.push((batch.name.clone(), until_taken(&http, url, key, batch).await));
            }
            answers
        }
    });
    let mut by_batch: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, answer) in join_all(workers).await.into_iter().flatten() {
        by_batch.entry(name).or_default().push(answer.body);
    }
    assert_eq!(by_batch.len(), batches.len());
    for batch in &batches {
        let mut answers = by_batch[&batch.name].clone();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers.iter().filter(|answer| answer["duplicate"] == false).count(), 1, "{answers:?}");
        // Apart from that word all three are the same.
        answers.iter_mut().for_each(|answer| drop(answer.as_object_mut().unwrap().remove("duplicate")));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(answers[0]["accepted"], batch.numbers.end - batch.numbers.start);
        journal.acknowledge(batch);
    }
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, journal.acknowledged());
}

/// A twin may be on its way at that moment; then it is to be sent again.
async fn until_taken(http: &reqwest::Client, url: &str, key: &str, batch: &Batch) -> Answer {
    for _ in 0..100 {
        let answer = post(http, url, key, batch).await.unwrap();
        if answer.status != 409 {
            assert_eq!(answer.status, 200, "{answer:?}");
            return answer;
        }
        assert!(answer.retry_after);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it is in flight for ever");
}

#[tokio::test]
async fn f13_same_key_other_payload() {
    let office = Office::new();
    let mut journal = Journal::new();
    let first = journal.batch(10);
    office.deliver(&mut journal, &first).await;
    let other = Batch { name: first.name.clone(), ..Journal::since(journal.base_us() + 9_000_000_000).batch(10) };
    let refused = |answer: &Answer, status: u16, code: &str| {
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{answer:?}");
    };
    // Waiting in the spool, then in a partition, then in the partition of a new process.
    refused(&office.send(&other).await, 422, "key_reused");
    office.applied(10).await;
    refused(&office.send(&other).await, 422, "key_reused");
    let digest = |bytes: &[u8]| format!("sha-256=:{}:", STANDARD.encode(sha2::Sha256::digest(bytes)));
    let with_digest = async |batch: &Batch, digest: String| {
        let request = office.http.post(office.ingest()).bearer_auth(&office.key).header("content-digest", digest);
        let request = request.header("idempotency-key", &batch.name).body(batch.body.clone());
        read(request.send().await.unwrap()).await.unwrap()
    };
    let digested = journal.batch(10);
    refused(&with_digest(&digested, digest(b"something else")).await, 400, "digest_mismatch");
    refused(&with_digest(&digested, "sha-256=:no:".to_owned()).await, 400, "digest_mismatch");
    assert_eq!(with_digest(&digested, digest(digested.body.as_bytes())).await.status, 200);
    journal.acknowledge(&digested);
    let mut named = journal.batch(1);
    named.body = named.body.replacen('{', "{\"batch_id\":\"another\",", 1);
    refused(&office.send(&named).await, 400, "batch_id_mismatch");
    // Whoever watches the appliance sees that a sender mixes up its names.
    assert!(office.metrics().await.contains("nazorat_ingest_refusals_total{code=\"key_reused\"} 2"));
    let token = super::office::token(office.appliance.place(), "malika");
    let log = office.appliance.plain("/api/v1/audit?organization_id=1&action=intake.key_reused");
    let log = read(office.http.get(log).bearer_auth(token).send().await.unwrap()).await.unwrap().body;
    let noted: Vec<_> = log["items"].as_array().unwrap().iter().map(|one| &one["object_id"]).collect();
    assert_eq!(noted, [&Value::from(first.name.as_str()); 2], "{log}");
    let office = office.stop().open();
    refused(&office.send(&other).await, 422, "key_reused");
    let again = office.send(&first).await;
    assert_eq!((again.status, &again.body["duplicate"]), (200, &Value::Bool(true)));
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len(), 20);
}

#[tokio::test]
async fn f14_same_key_concurrent() {
    let office = Office::new();
    let mut journal = Journal::new();
    for round in 0..4 {
        let batch = journal.batch(200 + round);
        let clients: Vec<reqwest::Client> = (0..50).map(|_| super::office::client()).collect();
        let url = office.ingest();
        let requests = clients.iter().map(|http| post(http, &url, &office.key, &batch));
        let answers: Vec<Answer> = join_all(requests).await.into_iter().map(Result::unwrap).collect();
        let fresh = answers.iter().filter(|answer| answer.status == 200 && answer.body["duplicate"] == false).count();
        assert_eq!(fresh, 1, "{answers:?}");
        for answer in &answers {
            let fits = match answer.status {
                200 => answer.body["accepted"] == 200 + round,
                409 => answer.retry_after && answer.body["code"] == "in_flight",
                _ => false,
            };
            assert!(fits, "{answer:?}");
        }
        let again = office.deliver(&mut journal, &batch).await;
        assert_eq!(again.body["duplicate"], true);
    }
    let closed = office.check(&journal).await;
    assert_eq!(journal.stored(&closed.place.data()).numbers.len() as u64, journal.acknowledged());
}
