"""What runs once per edge or once per kick: arrays in, arrays out."""

from modelhub.pas.plans.loops.choosing import Loops, loops
from modelhub.pas.plans.loops.reference import Facilities, Forest

__all__ = ["Facilities", "Forest", "Loops", "loops"]
