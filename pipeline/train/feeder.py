"""OpusTrainer with our modifier beside its own: the same command line, one more name in the `modifiers` of its configuration."""

MODIFIER = "Augment"


def main() -> None:
    from opustrainer import trainer

    from pipeline.train.augment import Augment

    trainer.MODIFIERS[MODIFIER] = Augment
    trainer.main()


if __name__ == "__main__":
    main()
