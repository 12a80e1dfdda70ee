//! The one door to blocking work: redb, DuckDB, argon2 and files.

/// Runs a closure on the blocking pool and waits for it. A panic inside is resumed here, so that the request that
/// caused it answers 500 and nothing else is touched.
#[expect(clippy::disallowed_methods, reason = "this is the one door to the blocking pool")]
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(value) => value,
        Err(failure) => match failure.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime cancels blocking work only while it shuts down; then nobody awaits any more.
            Err(_) => std::future::pending().await,
        },
    }
}
