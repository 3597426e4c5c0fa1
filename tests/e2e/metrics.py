"""What /metrics says of sites, read as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

PRESENT = frozenset({"good", "fair", "poor"})
MEASURED = frozenset({"confhub_site_round_trip_seconds", "confhub_site_packet_loss_ratio"})


def measured_sites(text: str) -> set[str]:
    """Codes of the sites that have a link, with its round trip and loss in the text."""
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    present = {
        s.labels["site"]
        for s in samples
        if s.name == "confhub_site_link_state" and s.value == 1 and s.labels["state"] in PRESENT
    }
    found = {(s.name, s.labels["site"]) for s in samples if s.name in MEASURED}
    return {site for site in present if all((name, site) in found for name in MEASURED)}
