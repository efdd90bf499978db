"""Prints torchvision's pretrained weights of the architectures of this package, as the rows of ../pretrained_torchvision.go and
../pretrained_segment.go, and writes the
names of ImageNet's classes to ../imagenet_classes.txt.

    python models/testdata/pretrained.py        made with torchvision 0.29
"""
import os

from torchvision.models import get_model_weights
from torchvision.models._meta import _IMAGENET_CATEGORIES
from torchvision.transforms import InterpolationMode

MODELS = """alexnet densenet121 densenet161 densenet169 densenet201 efficientnet_b0 googlenet inception_v3 mobilenet_v2 mobilenet_v3_large
mobilenet_v3_small resnet101 resnet152 resnet18 resnet34 resnet50 resnext50_32x4d squeezenet1_0 squeezenet1_1 vgg11 vgg11_bn vgg13 vgg13_bn vgg16
vgg16_bn vgg19 vgg19_bn wide_resnet50_2""".split()

for model in MODELS:
    for weights in reversed(list(get_model_weights(model))):  # the newest first
        if weights.meta["categories"] is None:
            continue  # VGG-16 without its classifier
        assert weights.meta["categories"] == _IMAGENET_CATEGORIES
        folder, _, file = weights.url.rpartition("/")
        assert folder == "https://download.pytorch.org/models"
        transform = weights.transforms()
        assert (transform.mean, transform.std) == ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        bicubic = str(transform.interpolation == InterpolationMode.BICUBIC).lower()
        top1 = weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]
        print(f'\t{{"{model}", "{weights.name}", "{file}", {weights.meta["_file_size"]}, '
              f'{transform.resize_size[0]}, {transform.crop_size[0]}, {bicubic}, {top1}}},')

for model in """deeplabv3_mobilenet_v3_large deeplabv3_resnet101 deeplabv3_resnet50 fcn_resnet101 fcn_resnet50 lraspp_mobilenet_v3_large""".split():
    for weights in get_model_weights(model):
        assert weights.name == "COCO_WITH_VOC_LABELS_V1" and weights.transforms().resize_size == [520]
        print(f'\t\t{{"{model}", "{weights.url.rpartition("/")[2]}", {weights.meta["_file_size"]}, '
              f'{weights.meta["_metrics"]["COCO-val2017-VOC-labels"]["miou"]}}},')

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "imagenet_classes.txt"), "w") as f:
    f.write("".join(name + "\n" for name in _IMAGENET_CATEGORIES))
