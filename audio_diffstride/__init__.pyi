from .export.freezing import freeze as freeze
from .layers import DiffStride as DiffStride
from .layers import LogMelSpectrogram as LogMelSpectrogram
from .layers import Pixels as Pixels
from .layers import SpectralPooling as SpectralPooling
from .models import AudioClassifier as AudioClassifier
from .models import ImageClassifier as ImageClassifier
from .models import TimeFrequencyEncoder as TimeFrequencyEncoder
from .models.complexity import complexity as complexity

__version__: str
