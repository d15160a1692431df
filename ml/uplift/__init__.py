"""Generic meta-learners of heterogeneous treatment effects in randomised trials, and the Qini coefficient.

They work on any numeric table; code specific to this project's trials belongs in `ml.targeting`.
"""

from ml.uplift.doubly_robust import DRLearner
from ml.uplift.learners import TLearner, XLearner
from ml.uplift.qini import qini_auc, qini_curve, qini_interval

__all__ = ["DRLearner", "TLearner", "XLearner", "qini_auc", "qini_curve", "qini_interval"]
