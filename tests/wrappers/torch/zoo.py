"""Twenty-one models, small but whole: the architectures that people keep."""

# ruff: noqa: ARG001, ARG005, FBT003, N812

import copy
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
import transformers
from torch import nn

from modelhub.wrappers import Captured
from modelhub.wrappers.torch.capture import capture


class LeNet(nn.Module):
    """LeCun et al., 1998, with the 431,080 parameters of the paper's Table."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.pool2 = nn.MaxPool2d(2)
        self.ip1 = nn.Linear(800, 500)
        self.relu1 = nn.ReLU()
        self.ip2 = nn.Linear(500, 10)

    def forward(self, image):
        hidden = self.pool2(self.conv2(self.pool1(self.conv1(image))))
        return self.ip2(self.relu1(self.ip1(torch.flatten(hidden, 1))))


class AlexNet(nn.Module):
    """Krizhevsky et al., 2012: local response norms, overlapping pools, two dropouts."""

    def __init__(self, width=8, classes=10):
        super().__init__()
        w = width
        self.features = nn.Sequential(
            *(nn.Conv2d(3, w, 11, 4, 2), nn.ReLU(True), nn.LocalResponseNorm(5, k=2.0)),
            *(nn.MaxPool2d(3, 2), nn.Conv2d(w, 3 * w, 5, padding=2, groups=2), nn.ReLU(True)),
            *(nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2), nn.Conv2d(3 * w, 6 * w, 3, padding=1)),
            *(nn.ReLU(True), nn.Conv2d(6 * w, 4 * w, 3, padding=1, groups=2), nn.ReLU(True)),
            *(nn.Conv2d(4 * w, 4 * w, 3, padding=1), nn.ReLU(True), nn.MaxPool2d(3, 2)),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            *(nn.Dropout(), nn.Linear(16 * w, 64), nn.ReLU(True)),
            *(nn.Dropout(), nn.Linear(64, 64), nn.ReLU(True), nn.Linear(64, classes)),
        )

    def forward(self, image):
        return self.classifier(torch.flatten(self.avgpool(self.features(image)), 1))


def vgg16(width=4, classes=10):
    """Simonyan and Zisserman, 2014, configuration D."""
    layers, channels = [], 3
    for stage in ((1, 1), (2, 2), (4, 4, 4), (8, 8, 8), (8, 8, 8)):
        for factor in stage:
            layers += [nn.Conv2d(channels, factor * width, 3, padding=1), nn.ReLU(True)]
            channels = factor * width
        layers.append(nn.MaxPool2d(2, 2))
    head = nn.Sequential(
        *(nn.Linear(channels * 4, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, classes)),
    )
    parts = {"features": nn.Sequential(*layers), "avgpool": nn.AdaptiveAvgPool2d(2)}
    return nn.Sequential(OrderedDict(**parts, flatten=nn.Flatten(), classifier=head))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inside, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or inside != width:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, width, 1, stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inside, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inside != width * 4:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, width * 4, 1, stride, bias=False), nn.BatchNorm2d(width * 4)
            )

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(nn.Module):
    """He et al., 2015."""

    def __init__(self, block, depths, width=8, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inside = width
        for stage, depth in enumerate(depths):
            blocks = []
            for i in range(depth):
                stride = 2 if i == 0 and stage > 0 else 1
                blocks.append(block(inside, width << stage, stride))
                inside = (width << stage) * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inside, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class NormAct(nn.BatchNorm2d):
    """A batch normalization that is a class of its own, and counts its batches."""

    def forward(self, x):
        if self.training:
            self.num_batches_tracked.add_(1)
        x = F.batch_norm(
            *(x, self.running_mean, self.running_var, self.weight, self.bias),
            *(self.training, self.momentum, self.eps),
        )
        return F.relu(x, inplace=True)


class DenseLayer(nn.Module):
    def __init__(self, inside, growth, dropout):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inside)
        self.conv1 = nn.Conv2d(inside, 4 * growth, 1, bias=False)
        self.norm2 = NormAct(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
        self.dropout = dropout

    def forward(self, features):
        x = self.conv1(F.relu(self.norm1(torch.cat(features, 1))))
        return F.dropout(self.conv2(self.norm2(x)), self.dropout, self.training)


class DenseBlock(nn.ModuleDict):
    def __init__(self, layers, inside, growth, dropout):
        super().__init__()
        for i in range(layers):
            self[f"denselayer{i + 1}"] = DenseLayer(inside + i * growth, growth, dropout)

    def forward(self, x):
        features = [x]
        for layer in self.values():
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet(nn.Module):
    """Huang et al., 2016; 121 layers with the default depths."""

    def __init__(self, depths=(6, 12, 24, 16), growth=4, classes=10, dropout=0.1):
        super().__init__()
        width = 2 * growth
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(3, width, 7, 2, 3, bias=False),
                norm0=nn.BatchNorm2d(width),
                relu0=nn.ReLU(inplace=True),
                pool0=nn.MaxPool2d(3, 2, 1),
            )
        )
        for i, depth in enumerate(depths):
            block = DenseBlock(depth, width, growth, dropout)
            self.features.add_module(f"denseblock{i + 1}", block)
            width += depth * growth
            if i != len(depths) - 1:
                self.features.add_module(f"transition{i + 1}", transition(width))
                width //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(width))
        self.classifier = nn.Linear(width, classes)

    def forward(self, x):
        x = F.relu(self.features(x), inplace=True)
        return self.classifier(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


def transition(width):
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(width),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(width, width // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, 2),
        )
    )


class SqueezeExcite(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Conv2d(width, width // 4, 1)
        self.fc2 = nn.Conv2d(width // 4, width, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class InvertedResidual(nn.Module):
    def __init__(self, inside, middle, outside, kernel, stride, squeezes, act):
        super().__init__()
        parts = [nn.Conv2d(inside, middle, 1, bias=False), nn.BatchNorm2d(middle), act()]
        parts += [nn.Conv2d(middle, middle, kernel, stride, kernel // 2, groups=middle, bias=False)]
        parts += [nn.BatchNorm2d(middle), act(), *([SqueezeExcite(middle)] if squeezes else [])]
        parts += [nn.Conv2d(middle, outside, 1, bias=False), nn.BatchNorm2d(outside)]
        self.block = nn.Sequential(*parts)
        self.is_residual = stride == 1 and inside == outside

    def forward(self, x):
        return x + self.block(x) if self.is_residual else self.block(x)


def mobilenet_v3(classes=10):
    """Howard et al., 2019, the small one, half as wide."""
    rows = (
        *((3, 8, 8, True, nn.ReLU, 2), (3, 36, 12, False, nn.ReLU, 2)),
        *((3, 44, 12, False, nn.ReLU, 1), (5, 48, 20, True, nn.Hardswish, 2)),
        *((5, 120, 20, True, nn.Hardswish, 1), (5, 60, 24, True, nn.Hardswish, 1)),
        *((5, 144, 48, True, nn.Hardswish, 2), (5, 288, 48, True, nn.Hardswish, 1)),
    )
    parts, inside = [nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish()], 8
    for kernel, middle, outside, squeezes, act, stride in rows:
        parts.append(InvertedResidual(inside, middle, outside, kernel, stride, squeezes, act))
        inside = outside
    parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 64), nn.Hardswish()]
    return nn.Sequential(*parts, nn.Dropout(0.2), nn.Linear(64, classes))


class LayerNorm2d(nn.LayerNorm):
    """A leaf of its own class: over channels of an image."""

    def forward(self, x):
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(0.1 * torch.ones(width))

    def forward(self, x):
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        return x + y.permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    """Liu et al., 2022."""

    def __init__(self, depths=(1, 1, 3, 1), widths=(8, 16, 32, 64), classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, 4), LayerNorm2d(widths[0], eps=1e-6))
        self.stages = nn.ModuleList()
        for i, depth in enumerate(depths):
            parts = [ConvNeXtBlock(widths[i]) for _ in range(depth)]
            if i:
                down = nn.Conv2d(widths[i - 1], widths[i], 2, 2)
                parts = [LayerNorm2d(widths[i - 1], eps=1e-6), down, *parts]
            self.stages.append(nn.Sequential(*parts))
        self.norm = nn.LayerNorm(widths[-1], eps=1e-6)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.head(self.norm(x.mean([-2, -1])))


class UNet(nn.Module):
    """Ronneberger et al., 2015."""

    def __init__(self):
        super().__init__()
        self.d1, self.d2, self.mid = self.pair(3, 8), self.pair(8, 16), self.pair(16, 32)
        self.up2 = nn.ConvTranspose2d(32, 16, 2, 2)
        self.u2 = self.pair(32, 16)
        self.up1 = nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1)
        self.u1 = self.pair(16, 8)
        self.out = nn.Conv2d(8, 2, 1)

    @staticmethod
    def pair(inside, outside):
        conv = nn.Conv2d(inside, outside, 3, padding=1)
        return nn.Sequential(conv, nn.BatchNorm2d(outside), nn.ReLU())

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(F.max_pool2d(a, 2))
        y = self.up2(self.mid(F.max_pool2d(b, 2)))
        y = self.up1(self.u2(torch.cat([y, b], 1)))
        return {"mask": self.out(self.u1(torch.cat([y, a], 1)))}


class LSTMTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(100, 16, padding_idx=0)
        self.rnn = nn.LSTM(16, 24, 2, batch_first=True, dropout=0.3, bidirectional=True)
        self.gru = nn.GRU(48, 12, batch_first=True)
        self.head = nn.Linear(12, 5)

    def forward(self, tokens):
        hidden, (last, cell) = self.rnn(self.emb(tokens))
        summary, _ = self.gru(hidden)
        return self.head(summary[:, -1]), last + cell


class Siamese(nn.Module):
    """One encoder, called twice."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 8))
        self.head = nn.Linear(8, 1)

    def forward(self, left, right):
        return self.head((self.encoder(left) - self.encoder(right)).abs())


class AttentionBlock(nn.Module):
    """nn.MultiheadAttention, with and without its weights, each with dropout."""

    def __init__(self):
        super().__init__()
        self.first = nn.MultiheadAttention(32, 4, dropout=0.2, batch_first=True)
        self.second = nn.MultiheadAttention(32, 4, dropout=0.2, batch_first=True)
        self.norm = nn.LayerNorm(32)
        self.ff = nn.Linear(32, 32)

    def forward(self, x):
        y, _ = self.first(x, x, x, need_weights=False)
        x = self.norm(x + y)
        y, weights = self.second(x, x, x)
        return self.ff(x + y), weights


class TimeEmbedding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.SiLU(), nn.Linear(4 * width, width)
        )

    def forward(self, t):
        half = self.width // 2
        scale = torch.exp(-math.log(10000) * torch.arange(half, device=t.device) / half)
        angles = t[:, None].float() * scale[None]
        return self.mlp(torch.cat([angles.sin(), angles.cos()], -1))


class ResidualBlock(nn.Module):
    def __init__(self, inside, outside, time):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(4, inside), nn.Conv2d(inside, outside, 3, padding=1)
        self.time = nn.Linear(time, outside)
        self.norm2, self.conv2 = nn.GroupNorm(4, outside), nn.Conv2d(outside, outside, 3, padding=1)
        self.dropout = nn.Dropout(0.1)
        self.skip = nn.Conv2d(inside, outside, 1) if inside != outside else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(t))[:, :, None, None]
        return self.skip(x) + self.conv2(self.dropout(F.silu(self.norm2(h))))


class SpatialAttention(nn.Module):
    def __init__(self, width, heads=2):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(4, width)
        self.qkv, self.out = nn.Conv1d(width, 3 * width, 1), nn.Conv1d(width, width, 1)
        self.attn_dropout = 0.1

    def forward(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x).flatten(2)).chunk(3, 1)
        q, k, v = (z.reshape(b, self.heads, c // self.heads, h * w).mT for z in (q, k, v))
        p = self.attn_dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=p)
        return x + self.out(y.mT.reshape(b, c, h * w)).reshape(b, c, h, w)


class DiffusionUNet(nn.Module):
    """Ho et al., 2020: a U-Net told how noisy its input is."""

    def __init__(self, width=8):
        super().__init__()
        self.time = TimeEmbedding(width)
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.down1 = ResidualBlock(width, width, width)
        self.shrink = nn.Conv2d(width, width, 3, 2, 1)
        self.down2 = ResidualBlock(width, 2 * width, width)
        self.attention = SpatialAttention(2 * width)
        self.mid = ResidualBlock(2 * width, 2 * width, width)
        self.grow = nn.Upsample(scale_factor=2, mode="nearest")
        self.up = ResidualBlock(3 * width, width, width)
        self.out = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x, t):
        time = self.time(t)
        first = self.down1(self.stem(x), time)
        y = self.attention(self.down2(self.shrink(first), time))
        y = self.grow(self.mid(y, time))
        return self.out(self.up(torch.cat([y, first], 1), time))


def huggingface(name, config, **sizes):
    """A model of transformers with random weights."""
    return getattr(transformers, name)(getattr(transformers, config)(**sizes))


TEXT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
}
VISION = {k: v for k, v in TEXT.items() if k != "vocab_size"} | {"image_size": 32, "patch_size": 16}
LLAMA = TEXT | {"num_key_value_heads": 2, "max_position_embeddings": 64, "attention_dropout": 0.1}
WHISPER = {
    "vocab_size": 100,
    "d_model": 32,
    "num_mel_bins": 8,
    "max_source_positions": 16,
    "max_target_positions": 32,
    "dropout": 0.1,
    "attention_dropout": 0.1,
    **{
        f"{side}_{what}": n
        for side in ("encoder", "decoder")
        for what, n in (("layers", 2), ("attention_heads", 4), ("ffn_dim", 64))
    },
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
}


def images(side, channels=3):
    return lambda batch, length: ((torch.randn(batch, channels, side, side),), {})


def tokens(batch, length):
    return torch.randint(1, 100, (batch, length))


def text(batch, length):
    return (), {"input_ids": tokens(batch, length)}


def text_uncached(batch, length):
    return (), {"input_ids": tokens(batch, length), "use_cache": False}


def two_texts(batch, length):
    return (), {
        "input_ids": tokens(batch, length),
        "decoder_input_ids": tokens(batch, length - 2),
        "use_cache": False,
    }


def speech(batch, length):
    given = {"input_features": torch.randn(batch, 8, 32), "use_cache": False}
    return (), given | {"decoder_input_ids": tokens(batch, length)}


def picture(batch, length):
    return (), {"pixel_values": torch.randn(batch, 3, 32, 32)}


def picture_and_text(batch, length):
    return (), {"input_ids": tokens(batch, length), "pixel_values": torch.randn(batch, 3, 32, 32)}


@dataclass(frozen=True)
class Entry:
    """A model of the zoo.

    Attributes:
        make: makes it.
        inputs: (batch, length of sequences) -> args, kwargs.
        fast_path_difference: how far its evaluation may be from ours, where its own uses a fused
            operator that is for evaluation only.
    """

    make: Callable[[], nn.Module]
    inputs: Callable[[int, int], tuple[tuple[Any, ...], dict[str, Any]]]
    fast_path_difference: float = 0.0
    tags: tuple[str, ...] = field(default=())


ZOO = {
    "lenet": Entry(LeNet, images(28, 1)),
    "alexnet": Entry(AlexNet, images(96)),
    "vgg16": Entry(vgg16, images(64)),
    "resnet18": Entry(lambda: ResNet(BasicBlock, (2, 2, 2, 2)), images(64)),
    "resnet50": Entry(lambda: ResNet(Bottleneck, (3, 4, 6, 3), width=4), images(64)),
    "densenet121": Entry(DenseNet, images(64)),
    "mobilenet_v3": Entry(mobilenet_v3, images(64)),
    "convnext": Entry(ConvNeXt, images(64)),
    "unet": Entry(UNet, images(16)),
    "lstm": Entry(LSTMTagger, lambda b, n: ((tokens(b, n),), {})),
    "siamese": Entry(Siamese, lambda b, n: ((torch.randn(b, 16), torch.randn(b, 16)), {})),
    "mha": Entry(AttentionBlock, lambda b, n: ((torch.randn(b, n, 32),), {}), 1e-6),
    "bert": Entry(lambda: huggingface("BertForSequenceClassification", "BertConfig", **TEXT), text),
    "gpt2": Entry(
        lambda: huggingface(
            "GPT2LMHeadModel",
            "GPT2Config",
            n_embd=32,
            n_layer=2,
            n_head=4,
            vocab_size=100,
            n_positions=64,
            bos_token_id=1,
            eos_token_id=2,
        ),
        text_uncached,
    ),
    "llama": Entry(lambda: huggingface("LlamaForCausalLM", "LlamaConfig", **LLAMA), text_uncached),
    "t5": Entry(
        lambda: huggingface(
            "T5ForConditionalGeneration",
            "T5Config",
            d_model=32,
            d_ff=64,
            num_layers=2,
            num_heads=4,
            d_kv=8,
            vocab_size=100,
        ),
        two_texts,
    ),
    "vit": Entry(
        lambda: huggingface(
            "ViTForImageClassification",
            "ViTConfig",
            **VISION,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        ),
        picture,
    ),
    "mixtral": Entry(
        lambda: huggingface(
            "MixtralForCausalLM",
            "MixtralConfig",
            **LLAMA,
            num_local_experts=4,
            num_experts_per_tok=2,
        ),
        text_uncached,
    ),
    "whisper": Entry(
        lambda: huggingface("WhisperForConditionalGeneration", "WhisperConfig", **WHISPER), speech
    ),
    "clip": Entry(
        lambda: huggingface(
            "CLIPModel",
            "CLIPConfig",
            projection_dim=16,
            text_config=TEXT | {"attention_dropout": 0.1, "max_position_embeddings": 32},
            vision_config=VISION | {"attention_dropout": 0.1},
        ),
        picture_and_text,
    ),
    "diffusion": Entry(
        DiffusionUNet, lambda b, n: ((torch.randn(b, 3, 16, 16), torch.randint(0, 1000, (b,))), {})
    ),
}


def captured(name: str) -> tuple[nn.Module, Captured]:
    """A model of the zoo, and what was captured of it: once a process, since it takes seconds."""
    module, found = _captured(name)
    return copy.deepcopy(module), found


@cache
def _captured(name: str) -> tuple[nn.Module, Captured]:
    torch.manual_seed(0)
    module = ZOO[name].make()
    args, kwargs = ZOO[name].inputs(2, 8)
    return module, capture(module, args, kwargs)
