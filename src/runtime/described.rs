//! What every metric says, in one list. `tests/rules` holds it against the names that the code records.

use metrics::describe_counter;
use metrics::describe_gauge;
use metrics::describe_histogram;

const COUNTERS: &[(&str, &str)] = &[
    ("nazorat_activitywatch_ignored_events_total", "Events of ActivityWatch buckets that Nazorat keeps nothing of."),
    ("nazorat_activitywatch_rejected_events_total", "Events of ActivityWatch watchers that could not be read."),
    ("nazorat_adapter_commands_total", "What devices were asked to do, by adapter, device, command and result."),
    ("nazorat_adapter_errors_total", "Failures with devices, by adapter, device and code."),
    ("nazorat_adapter_events_total", "Events that devices told, by adapter and device."),
    ("nazorat_adapter_missed_total", "Times that a device could not tell what it should, by adapter and device."),
    ("nazorat_adapter_strangers_total", "Requests on the listener for devices that are of no device."),
    ("nazorat_apply_failures_total", "Turns in which waiting events could not be written to partitions."),
    ("nazorat_apply_rows_total", "Events written to partitions."),
    ("nazorat_audit_records_total", "Records written to the audit log."),
    ("nazorat_command_results_total", "Commands to gateways and agents that came to an end, by how."),
    ("nazorat_control_closed_total", "Connections of gateways that were closed, by the reason."),
    ("nazorat_control_frames_total", "Frames that came from gateways, by type."),
    ("nazorat_control_shed_total", "Connections of gateways that were asked to come later."),
    ("nazorat_control_unknown_total", "Frames and fields from gateways that are not known and were ignored."),
    ("nazorat_export_failures_total", "Nightly exports of the tenant store that failed."),
    ("nazorat_http_connections_refused_total", "Connections refused because there were too many."),
    ("nazorat_http_panics_total", "Requests that ended in a panic."),
    ("nazorat_ingest_batches_total", "Batches taken in, without repeats."),
    ("nazorat_ingest_duplicate_batches_total", "Batches that had been taken in before."),
    ("nazorat_ingest_events_total", "Events taken in, without repeats and refused ones."),
    ("nazorat_gateway_refusals_total", "Requests that claimed to be of a gateway and were refused, by code."),
    ("nazorat_policy_events_total", "Events of which policies let nobody keep all, by what was done and why."),
    ("nazorat_policy_sheets_total", "Policies that gateways have fetched."),
    ("nazorat_ingest_refusals_total", "Requests of senders that were refused, by code."),
    ("nazorat_ingest_rejected_events_total", "Single events that went to the dead letters."),
    ("nazorat_ingest_skewed_events_total", "Events of computers whose clock runs more than two minutes ahead."),
    ("nazorat_ingest_unknown_fields_total", "Fields of events that are not known and were ignored."),
    ("nazorat_logins_total", "Attempts to sign in, by outcome."),
    (
        "nazorat_partition_lost_batches_total",
        "Batches that a partition had lost with its tail and that were written again.",
    ),
    ("nazorat_rollup_computed_total", "Days of accounts whose sums were computed."),
    ("nazorat_uplink_batches_total", "Batches that the next hop has taken."),
    ("nazorat_uplink_dead_letters_total", "Batches that the next hop will never take and that lie in dead-letters."),
    (
        "nazorat_uplink_evicted_screenshots_total",
        "Screenshots that were given up, oldest first, because the buffer of a gateway was full.",
    ),
    ("nazorat_uplink_events_total", "Events in batches that the next hop has taken."),
    ("nazorat_uplink_gaps_total", "Notes of given up batches that were handed on to the next hop."),
    ("nazorat_uplink_resent_batches_total", "Copies of batches that had left and were sent to the next hop again."),
    ("nazorat_uplink_retries_total", "Tries to send that had to be made again."),
    ("nazorat_uplink_screenshots_total", "Screenshots that the next hop has taken."),
];

const GAUGES: &[(&str, &str)] = &[
    ("nazorat_agents_online", "Agents of gateways that are heard."),
    ("nazorat_alerts_firing", "Alerts that are open."),
    ("nazorat_apply_lag_batches", "Acknowledged batches that are not yet in partitions."),
    ("nazorat_audit_waiting", "Audit records that wait for the disk."),
    ("nazorat_adapter_up", "1 while a device is served and answers, by adapter and device."),
    ("nazorat_certificate_left_seconds", "Time until the server's certificate ends."),
    ("nazorat_control_connections", "Connections of gateways that are open."),
    ("nazorat_devices", "Door terminals by how they are."),
    ("nazorat_disk_free_bytes", "Free bytes on the disk of the data folder."),
    ("nazorat_gateway_spool_batches", "Batches that wait in the buffers of all gateways."),
    ("nazorat_gateway_spool_bytes", "Bytes of the buffers of all gateways."),
    ("nazorat_gateway_spool_oldest_age_seconds", "Age of the oldest batch that waits in any gateway."),
    ("nazorat_gateways_online", "Gateways that are heard."),
    ("nazorat_partition_bytes", "Bytes of all partitions with their logs."),
    ("nazorat_policy_agents", "Agents by how far they are with the policy that is wanted of them."),
    ("nazorat_partitions", "Partitions in the catalogs."),
    ("nazorat_partitions_quarantined", "Partitions that could not be read and were set aside."),
    ("nazorat_spool_bytes", "Bytes of the spool."),
    ("nazorat_spool_damaged_records", "Damaged places found in the spool since the start."),
    ("nazorat_spool_freed_seq", "Everything up to this spool number is safe in partitions."),
    ("nazorat_spool_oldest_age_seconds", "Age of the oldest batch in the spool."),
    ("nazorat_spool_records", "Batches in the spool."),
];

const HISTOGRAMS: &[(&str, &str)] = &[
    ("nazorat_adapter_answer_seconds", "How long devices took to answer, by adapter and device."),
    ("nazorat_apply_seconds", "How long it took to write one portion of events."),
    ("nazorat_checkpoint_seconds", "How long it took to make partitions safe and read them back."),
    ("nazorat_http_request_duration_seconds", "How long requests took, by route, method and status."),
    (
        "nazorat_policy_distribution_seconds",
        "How long it took from a decision until an agent held to it, by its own word.",
    ),
    ("nazorat_rollup_duration_seconds", "How long it took to bring day totals up to date."),
];

/// Tells the recorder what every metric means.
pub(super) fn describe() {
    for &(name, help) in COUNTERS {
        describe_counter!(name, help);
    }
    for &(name, help) in GAUGES {
        describe_gauge!(name, help);
    }
    for &(name, help) in HISTOGRAMS {
        describe_histogram!(name, help);
    }
}
