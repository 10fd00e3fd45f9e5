"""Export: the model as ONNX graphs beside its weights, in fp32 and int8, each proven on the dev set."""
