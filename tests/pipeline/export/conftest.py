from tests.pipeline.export.exported_model import exported_model, quantized_model, shortlist

__all__ = ["exported_model", "quantized_model", "shortlist"]
