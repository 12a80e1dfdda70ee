//! Logs, traces and metrics. Nothing personal reaches them: no window titles, addresses, names, keys or tokens.

use std::io::IsTerminal as _;

use metrics_exporter_prometheus::Matcher;
use metrics_exporter_prometheus::PrometheusBuilder;
use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::runtime::described;

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
}

/// Keeps the exporters alive and renders metrics.
#[derive(Clone)]
pub struct Telemetry {
    metrics: PrometheusHandle,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Installs the process-wide subscriber and recorder.
    pub fn install(config: &Config) -> Result<Self, TelemetryError> {
        let filter = config.filter()?;
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
            .with(spans)
            .try_init()
            .map_err(|_| TelemetryError::Again)?;
        Ok(Self { metrics: recorder()?, traces })
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
