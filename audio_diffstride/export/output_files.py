"""The names of the files that an export writes."""

# {format: name of the model's file or folder}.
MODELS = {
    "saved_model": "saved_model",
    "onnx": "model.onnx",
    "litert": "model.tflite",
    "litert_int8": "model.tflite",
}
PARITY = "parity.json"
CARD = "MODEL_CARD.md"
