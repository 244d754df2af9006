"""A progress bar on the terminal, and a line per tenth where nobody watches."""

from django.core.management.base import OutputWrapper

WIDTH = 30


class Bar:
    def __init__(self, out: OutputWrapper, total: int) -> None:
        self.out, self.total, self.told = out, total, -1

    def show(self, what: str, done: int) -> None:
        if self.out.isatty():
            filled = WIDTH * done // self.total
            end = "\n" if done >= self.total else ""
            self.out.write(f"\r{what:<24} [{'#' * filled}{' ' * (WIDTH - filled)}] {done:,} of {self.total:,}{end}")
        elif (tenth := 10 * done // self.total) != self.told:
            self.told = tenth
            self.out.write(f"{what}: {done:,} of {self.total:,} sets written\n")
        self.out.flush()
