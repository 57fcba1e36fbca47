from .errors import UserError as UserError
from .export.freezing import freeze as freeze
from .interface.run import Run as Run
from .interface.run import load_run as load_run
from .interface.training import train as train
from .layers import DiffStride as DiffStride
from .layers import LogMelSpectrogram as LogMelSpectrogram
from .layers import Pixels as Pixels
from .layers import SpectralPooling as SpectralPooling
from .models import AudioClassifier as AudioClassifier
from .models import ImageClassifier as ImageClassifier
from .models import TimeFrequencyEncoder as TimeFrequencyEncoder
from .models.complexity import complexity as complexity

__version__: str
