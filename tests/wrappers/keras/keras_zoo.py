"""Models of Keras that together use most of what models use."""

import warnings

from modelhub.wrappers.keras.backend import keras

layers = keras.layers


def lenet():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            layers.Conv2D(20, 5, activation="relu", name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(50, 5, name="conv2"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flat"),
            layers.Dense(500, activation="relu", name="ip1"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(10, activation="softmax", name="ip2"),
        ],
        name="lenet",
    )


def residual():
    """Batch norm, a shared layer, sums, joins, functions, and two outputs."""
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="stem")(image)
    x = layers.BatchNormalization(name="bn")(x)
    shared = layers.Conv2D(8, 3, padding="same", name="shared")
    y = shared(layers.ReLU(name="act")(shared(x)))
    x = layers.Add(name="sum")([x, y])
    one = layers.AveragePooling2D(2, name="pool")(x)
    two = layers.Conv2D(4, 3, strides=2, padding="same", name="down")(x)
    x = layers.Concatenate(name="join")([one, two]) * 2.0
    x = keras.ops.relu(x)[:, 1:]
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    other = layers.Dense(1, activation="sigmoid", name="other")(x)
    return keras.Model(image, [layers.Dense(10, name="classes")(x), other], name="residual")


def text():
    """An embedding with masks, recurrent layers, attention; an open length, and mappings."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(50, 8, mask_zero=True, name="embed")(ids)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="both")(x)
    x = layers.MultiHeadAttention(2, 4, name="heads")(x, x)
    x = layers.TimeDistributed(layers.Dense(5, name="each"), name="steps")(x)
    x = layers.GRU(3, name="gru")(x)
    return keras.Model({"ids": ids}, {"out": layers.Dense(2, name="out")(x)}, name="text")


def nested():
    """A sequential model that is called twice, and a functional one that is the last layer."""
    inner = keras.Sequential(
        [
            keras.Input((8,), name="inner_input"),
            layers.Dense(8, activation="gelu", name="dense"),
            layers.LayerNormalization(name="norm"),
        ],
        name="encoder",
    )
    value = keras.Input((8,), name="head_input")
    head = keras.Model(value, layers.Dense(2, name="dense")(value), name="head")
    first = keras.Input((8,), name="first")
    second = keras.Input((8,), name="second")
    both = layers.Multiply(name="product")([inner(first), inner(second)])
    return keras.Model([first, second], head(both), name="nested")


def late():
    """A sequential model without an input layer, built when it is first called."""
    model = keras.Sequential(
        [
            layers.Conv1D(4, 3, padding="causal", name="conv"),
            layers.PReLU(name="prelu"),
            layers.GlobalMaxPooling1D(name="most"),
            layers.Dense(3, name="dense"),
        ],
        name="late",
    )
    model.build((None, 12, 2))
    return model


def shapes():
    """What changes extents in other ways."""
    image = keras.Input((12, 10, 4), name="image")
    x = layers.ZeroPadding2D(((1, 2), (0, 3)), name="pad")(image)
    x = layers.Cropping2D(1, name="crop")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, name="depth")(x)
    x = layers.SeparableConv2D(6, 3, padding="same", name="separable")(x)
    x = layers.Conv2DTranspose(5, 3, strides=2, name="up")(x)
    x = layers.Conv2DTranspose(5, 3, strides=2, padding="same", name="same")(x)
    x = layers.UpSampling2D((2, 3), name="larger")(x)
    x = layers.GroupNormalization(5, name="groups")(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool")(x)
    x = layers.Permute((3, 1, 2), name="permute")(x)
    x = layers.Reshape((5, -1), name="reshape")(x)
    x = layers.LSTM(3, return_sequences=True, name="lstm")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.RepeatVector(2, name="twice")(x)
    return keras.Model(image, layers.SimpleRNN(4, name="rnn")(x), name="shapes")


ZOO = {each.__name__: each for each in (lenet, residual, text, nested, late, shapes)}


def made(name):
    """A model of the zoo; Keras' names begin anew, so that it is the same each time."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ZOO[name]()


def saved(model, path):
    """Write a model; Keras asks tensors of PyTorch in a way that NumPy warns of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        model.save(path)
