//! Logs, traces and metrics. Nothing personal reaches them: no window titles, addresses, names, keys or tokens.

use std::collections::VecDeque;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use metrics_exporter_prometheus::Matcher;
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::runtime::described;

/// Lines of the log that are kept in memory.
const KEPT_LINES: usize = 500;
/// Of each so many bytes.
const LINE_BYTES: usize = 1_024;

/// What the administrator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Filter, such as `info` or `nazorat=debug,info`.
    pub log: String,
    /// Lines for people or JSON for machines.
    pub format: Format,
    /// Where traces go, if anywhere: an OTLP/HTTP endpoint.
    pub otlp_endpoint: Option<String>,
}

impl Config {
    /// Refuses a filter that is none, before anything is installed.
    pub fn check(&self) -> Result<(), TelemetryError> {
        self.filter().map(|_| ())
    }

    fn filter(&self) -> Result<EnvFilter, TelemetryError> {
        EnvFilter::try_new(&self.log).map_err(|source| TelemetryError::Filter { filter: self.log.clone(), source })
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not one.
    #[error("telemetry.log {filter:?} is not a log filter; use a word such as info, or nazorat=debug,info")]
    Filter {
        /// What was written.
        filter: String,
        /// Why it is wrong.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The exporter refused its address.
    #[error("telemetry.otlp_endpoint cannot be used")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// A subscriber or recorder is already there.
    #[error("telemetry is already set up")]
    Again,
    /// The filter of the running process cannot be changed.
    #[error("the log filter cannot be changed any more")]
    Gone,
}

/// Keeps the exporters alive and renders metrics.
#[derive(Clone)]
pub struct Telemetry {
    metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
    filter: reload::Handle<EnvFilter, Registry>,
    usual: Config,
    /// How often the filter was changed; whoever changed it last may undo it.
    turns: Arc<AtomicU64>,
    tail: Tail,
}

impl Telemetry {
    /// Installs the process-wide subscriber and recorder.
    pub fn install(config: &Config) -> Result<Self, TelemetryError> {
        let (filter, handle) = reload::Layer::new(config.filter()?);
        let tail = Tail::default();
        let kept = tail.clone();
        // Finer levels may say more than may leave the machine.
        let kept = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_target(false)
            .with_writer(move || kept.line())
            .with_filter(LevelFilter::INFO);
        let traces = config.otlp_endpoint.as_deref().map(tracer).transpose()?;
        let spans =
            traces.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("nazorat")));
        let lines =
            tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
        let lines = match config.format {
            Format::Text => lines.with_target(false).boxed(),
            Format::Json => lines.json().flatten_event(true).boxed(),
        };
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .with(kept)
            .with(spans)
            .try_init()
            .map_err(|_| TelemetryError::Again)?;
        let (usual, turns) = (config.clone(), Arc::default());
        Ok(Self { metrics: recorder()?, traces, filter: handle, usual, turns, tail })
    }

    /// One that nothing is installed for: metrics lead nowhere, and the log is somebody else's. For tests and tools.
    pub fn detached(config: &Config) -> Result<Self, TelemetryError> {
        let (_, filter) = reload::Layer::new(config.filter()?);
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let (usual, turns, tail) = (config.clone(), Arc::default(), Tail::default());
        Ok(Self { metrics, traces: None, filter, usual, turns, tail })
    }

    /// Logs at another level from now on; the number ends it again. Of foreign parts no more than usual is logged.
    pub fn set_level(&self, level: &str) -> Result<u64, TelemetryError> {
        let log = match level {
            "debug" | "trace" => format!("info,nazorat={level}"),
            other => other.to_owned(),
        };
        let filter = Config { log, ..self.usual.clone() }.filter()?;
        self.filter.reload(filter).map_err(|_| TelemetryError::Gone)?;
        Ok(self.turns.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Logs as it was set up, unless somebody has changed the level again since.
    pub fn end_level(&self, turn: u64) {
        if self.turns.load(Ordering::SeqCst) == turn
            && let Ok(filter) = self.usual.filter()
            && let Err(problem) = self.filter.reload(filter)
        {
            tracing::warn!("the log level stays as it is: {problem}");
        }
    }

    /// The last lines of the log, oldest first; none of a finer level than `info`.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let lines = self.tail.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().skip(lines.len().saturating_sub(count)).cloned().collect()
    }

    /// The text that Prometheus reads.
    pub fn render_metrics(&self) -> String {
        self.metrics.run_upkeep();
        self.metrics.render()
    }

    /// Sends what is still held. Blocks for some seconds at most.
    pub fn shutdown(&self) {
        if let Some(provider) = &self.traces
            && let Err(problem) = provider.shutdown()
        {
            tracing::warn!("last traces were not delivered: {problem}");
        }
    }
}

/// The last lines of the log.
#[derive(Clone, Default)]
struct Tail(Arc<Mutex<VecDeque<String>>>);

/// A line that is being written.
struct TailLine {
    tail: Tail,
    bytes: Vec<u8>,
}

impl Tail {
    fn line(&self) -> TailLine {
        TailLine { tail: self.clone(), bytes: Vec::new() }
    }
}

impl std::io::Write for TailLine {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = LINE_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend(bytes.iter().take(room));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for TailLine {
    fn drop(&mut self) {
        let line = String::from_utf8_lossy(&self.bytes).trim_end().to_owned();
        if line.is_empty() {
            return;
        }
        let mut lines = self.tail.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

/// A recorder for tests and tools, which have no subscriber of their own.
pub fn recorder() -> Result<PrometheusHandle, TelemetryError> {
    const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.install_recorder())
        .map_err(|_| TelemetryError::Again)
        .inspect(|_| described::describe())
}

fn tracer(endpoint: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint)
        .build()
        .map_err(TelemetryError::Exporter)?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).build())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::KEPT_LINES;
    use super::LINE_BYTES;
    use super::Tail;

    #[test]
    fn the_last_lines_are_kept_within_bounds() {
        let tail = Tail::default();
        for number in 0..KEPT_LINES + 2 {
            let mut line = tail.line();
            line.write_all(format!("line {number} ").as_bytes()).unwrap();
            line.write_all("x".repeat(2 * LINE_BYTES).as_bytes()).unwrap();
        }
        let lines = tail.0.lock().unwrap();
        assert_eq!(lines.len(), KEPT_LINES);
        assert!(lines[0].starts_with("line 2 ") && lines[0].len() == LINE_BYTES);
    }
}
