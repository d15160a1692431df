"""Generic learners of individual treatment effects in randomised trials, and the Qini coefficient.

Any table with numbers will do; what is known of this project's trials belongs to `ml.targeting`.
"""

from ml.uplift.doubly_robust import DRLearner
from ml.uplift.learners import TLearner, XLearner
from ml.uplift.qini import qini_auc, qini_curve, qini_interval

__all__ = ["DRLearner", "TLearner", "XLearner", "qini_auc", "qini_curve", "qini_interval"]
