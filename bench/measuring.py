"""Samples of one figure."""

from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass
class Samples:
    """Milliseconds."""

    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return median(self.values)

    @property
    def p95(self) -> float:
        return quantiles(self.values, n=20)[-1] if len(self.values) > 1 else self.values[0]
