"""Lines as Marian writes them."""

OPTIONS = """\
[2026-01-31 11:59:00] [marian] Marian v1.12.42 b7be0e964 2025-05-24 22:34:42 -0700
[2026-01-31 11:59:00] [config] after: 750u
[2026-01-31 11:59:00] [config] bert-mask-symbol: "[MASK]"
[2026-01-31 11:59:00] [config] build-info: ""
[2026-01-31 11:59:00] [config] vocabs:
[2026-01-31 11:59:00] [config]   - vocab.en.spm
[2026-01-31 11:59:00] [config]   - vocab.it.spm
[2026-01-31 11:59:00] [config] workspace: 1000
[2026-01-31 11:59:00] [config] Model is being created with Marian v1.12.42 b7be0e964 2025-05-24 22:34:42 -0700
[2026-01-31 11:59:00] Using synchronous SGD
"""


def training_line(update: int, cost: float = 6.5) -> str:
    return (
        f"[2026-01-31 12:00:00] Ep. 1 : Up. {update} : Sen. {update * 64:,} : Cost {cost:.8f} : Time 26.41s : 3457.91 words/s"
        " : gNorm 1.2437 : L.r. 5.0000e-04\n"
    )


def validation_line(update: int, metric: str, value: float) -> str:
    return f"[2026-01-31 12:00:00] [valid] Ep. 1 : Up. {update} : {metric} : {value} : new best\n"
