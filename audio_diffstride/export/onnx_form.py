"""A frozen network as an ONNX graph, written operator by operator.

Maps are (batch, channels, height, width). The graph has standard operators
only, and no transposition outside the front end.

Keras's own ONNX export needs the package tf2onnx, which cannot convert the
real and imaginary parts of the front end's Fourier transform.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from audio_diffstride.export import steps
from audio_diffstride.export.runtimes import EMBEDDING

# Old enough for every runtime of recent years.
_OPSET, _IR_VERSION = 17, 8
_ACTIVATIONS: dict[str, tuple[str, dict[str, int]]] = {
    "softmax": ("Softmax", {"axis": -1}),
    "sigmoid": ("Sigmoid", {}),
}

# The name of a further output; no task has a name like it.
PICTURE = "picture:{}"


def graph(
    network: steps.Network,
    properties: dict[str, str],
    stages: Iterable[Sequence] = (),
) -> onnx.ModelProto:
    """Builds the ONNX model of a network.

    Args:
        network: the frozen network.
        properties: metadata texts.
        stages: steps of further outputs, each from the one before. The first
            is from the normalised spectrogram.

    Returns:
        A checked model from "waveform", (batch, samples), to `TASK`
        (probabilities) and `TASK:logits` of each task, (batch, classes). A
        network that embeds also has `EMBEDDING`, (batch, channels). With
        stages there are `picture:0` and so on, (batch, 1, frames, bands).
    """
    nodes = _Nodes()
    spectrogram = _add_all(network.front_end, nodes, "waveform")
    body = [*chain(*network.blocks), *network.pooling]
    x = _add_all(body, nodes, spectrogram)
    outputs = _add_stages(stages, nodes, spectrogram)
    for task, head in network.heads.items():
        product = nodes.add("MatMul", x, nodes.constant(head.kernel))
        logits = f"{task}:logits"
        bias = nodes.constant(head.bias)
        nodes.add("Add", product, bias, output=logits)
        operator, attributes = _ACTIVATIONS[head.activation]
        nodes.add(operator, logits, output=task, **attributes)
        outputs += [
            _floats(name, ["batch", len(head.bias)]) for name in (task, logits)
        ]
    if network.embeds:
        nodes.add("Identity", x, output=EMBEDDING)
        channels = len(head.kernel)
        outputs.append(_floats(EMBEDDING, ["batch", channels]))
    model = helper.make_model(
        helper.make_graph(
            nodes.nodes,
            "audio_diffstride",
            [_floats("waveform", ["batch", network.window_samples])],
            outputs,
            nodes.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="audio_diffstride",
    )
    helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    return model


def _add_stages(
    stages: Iterable[Sequence], nodes: _Nodes, x: str
) -> list[onnx.ValueInfoProto]:
    outputs = []
    for number, stage in enumerate(stages):
        x = _add_all(stage, nodes, x)
        name = PICTURE.format(number)
        nodes.add("Identity", x, output=name)
        sizes = [f"frames{number}", f"bands{number}"]
        outputs.append(_floats(name, ["batch", 1, *sizes]))
    return outputs


def _floats(name: str, shape: list[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


class _Nodes:
    """The operators and constants that were added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: np.ndarray) -> str:
        """Adds a constant; returns its name."""
        name = f"constant_{len(self.constants)}"
        values = np.ascontiguousarray(values)
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def add(
        self,
        operator: str,
        *inputs: str,
        output: str | None = None,
        **attributes: Any,
    ) -> str:
        """Adds an operator; returns the name of its output."""
        output = output or f"value_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], **attributes)
        )
        return output


def _add_all(steps_: Iterable, nodes: _Nodes, x: str) -> str:
    """Adds steps one behind the other; returns the name of their output."""
    for step in steps_:
        x = _add(step, nodes, x)
    return x


@functools.singledispatch
def _add(step: object, nodes: _Nodes, x: str) -> str:
    """Adds the operators of a step; returns the name of their output."""
    raise TypeError(f"{type(step).__name__} has no form in ONNX")


@_add.register
def _(step: steps.Blocks, nodes: _Nodes, x: str) -> str:
    pads = nodes.constant(np.array([0, step.before, 0, step.after]))
    x = nodes.add("Pad", x, pads)
    shape = nodes.constant(np.array([0, -1, 1, step.samples]))
    x = nodes.add("Reshape", x, shape)
    return nodes.add("Transpose", x, perm=[0, 3, 1, 2])


@_add.register
def _(step: steps.Convolution, nodes: _Nodes, x: str) -> str:
    kernel = nodes.constant(step.kernel.transpose(3, 2, 0, 1))
    padding = {"same": "SAME_UPPER", "valid": "VALID"}[step.padding]
    inputs = [x, kernel]
    if step.bias is not None:
        inputs.append(nodes.constant(step.bias))
    return nodes.add("Conv", *inputs, strides=step.strides, auto_pad=padding)


@_add.register
def _(step: steps.Resampling, nodes: _Nodes, x: str) -> str:
    if step.axis == 1:
        return nodes.add("MatMul", nodes.constant(step.matrix), x)
    return nodes.add("MatMul", x, nodes.constant(step.matrix.T))


@_add.register
def _(step: steps.ResamplingOfHalves, nodes: _Nodes, x: str) -> str:
    axis = nodes.constant(np.array([1]))
    edges = [
        nodes.constant(np.array([edge]))
        for edge in (0, step.first_channels, np.iinfo(np.int64).max)
    ]
    first = nodes.add("Slice", x, *edges[:2], axis)
    others = nodes.add("Slice", x, *edges[1:], axis)
    halves = _add(step.first, nodes, first), _add(step.others, nodes, others)
    return nodes.add("Concat", *halves, axis=1)


@_add.register
def _(step: steps.Shift, nodes: _Nodes, x: str) -> str:
    return nodes.add("Add", x, nodes.constant(step.values[:, None, None]))


@_add.register
def _(step: steps.Scale, nodes: _Nodes, x: str) -> str:
    return nodes.add("Mul", x, nodes.constant(step.values[:, None, None]))


@_add.register
def _(step: steps.Pooling, nodes: _Nodes, x: str) -> str:
    return nodes.add(
        {"max": "MaxPool", "average": "AveragePool"}[step.kind],
        x,
        kernel_shape=step.size,
        strides=step.size,
        auto_pad="SAME_UPPER",
    )


@_add.register
def _(step: steps.Square, nodes: _Nodes, x: str) -> str:
    return nodes.add("Mul", x, x)


@_add.register
def _(step: steps.Log, nodes: _Nodes, x: str) -> str:
    return nodes.add("Log", x)


@_add.register
def _(step: steps.Relu, nodes: _Nodes, x: str) -> str:
    return nodes.add("Relu", x)


@_add.register
def _(step: steps.ChannelsAsWidth, nodes: _Nodes, x: str) -> str:
    return nodes.add("Transpose", x, perm=[0, 3, 2, 1])


@_add.register
def _(step: steps.GlobalMax, nodes: _Nodes, x: str) -> str:
    return nodes.add("ReduceMax", x, axes=[2, 3], keepdims=0)
