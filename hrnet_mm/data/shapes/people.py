"""Stick people have COCO's 17 key points, face the viewer, and take many poses."""

from __future__ import annotations

import numpy as np

from .raster import Figure, Part, capsule, disc, rotate

KEYPOINTS = (
    'nose',
    'left_eye', 'right_eye', 'left_ear', 'right_ear',
    'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow',
    'left_wrist', 'right_wrist', 'left_hip', 'right_hip',
    'left_knee', 'right_knee', 'left_ankle', 'right_ankle',
)  # fmt: skip

#: Pairs of key points joined by a bone, counted from 1 as COCO counts them.
SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8),
    (7, 9), (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip

#: Lower and upper bound of angles away from hanging down, per pose, of 256 in a turn:
#: upper arm outwards, elbow, thigh outwards, knee.
_POSES = np.array([
    ((4, 28), (-12, 30), (1, 12), (-6, 6)),  # standing
    ((20, 100), (-50, 60), (6, 26), (-22, 4)),  # playing
    ((70, 118), (-20, 40), (2, 24), (-16, 4)),  # arms up
    ((10, 60), (-60, 60), (30, 56), (-60, -30)),  # squatting
])  # fmt: skip

#: Nose, eyes and ears; when the head turns, nose and eyes move sideways.
_FACE = np.array([(0, -735), (70, -800), (-70, -800), (150, -770), (-150, -770)])
_TURNS = np.array([1, 1, 1, 0, 0])[:, None]
_NECK = np.array([0, -620])
_SKIN = np.array([(236, 190, 160), (205, 150, 115), (150, 100, 70), (100, 66, 48)])


def _limb(start, lengths, angles, side: int) -> list[np.ndarray]:
    """Return the two joints after `start`; angles grow outwards on either side."""
    first = start + rotate(np.array([0, lengths[0]]), -side * int(angles[0]))
    bend = -side * int(angles[0] + angles[1])
    return [first, first + rotate(np.array([0, lengths[1]]), bend)]


def _joints(rng) -> np.ndarray:
    """Draw a random pose, and return its key points (17, 2) in figure units."""
    low, high = np.moveaxis(_POSES[rng.integers(len(_POSES))], -1, 0)
    lean, turn = int(rng.integers(-10, 11)), int(rng.integers(-45, 46))
    tilt = int(rng.integers(-10, 11))
    face = _FACE + np.array([turn, 0]) * _TURNS
    face = _NECK + rotate(face - _NECK, tilt)
    upper = rotate(np.concatenate([face, [(200, -520), (-200, -520)]]), lean)
    limbs = []
    for side, shoulder in ((1, upper[5]), (-1, upper[6])):  # their left is our right
        angles = rng.integers(low, high + 1)
        hip = np.array([side * 125, 60])
        arm = _limb(shoulder, (290, 270), angles[:2], side)
        limbs.append([*arm, hip, *_limb(hip, (430, 420), angles[2:], side)])
    return np.concatenate([upper, np.stack(limbs, axis=1).reshape(-1, 2)])


def person(rng) -> Figure:
    """Draw a person: shirt, sleeves, trousers, hair and face in random colours."""
    joints = _joints(rng)
    skin, hair = _SKIN[rng.integers(len(_SKIN))], rng.integers(15, 110, 3)
    shirt, trousers = rng.integers(30, 235, 3), rng.integers(20, 170, 3)
    sleeve, shoe = shirt * 3 // 4, rng.integers(20, 90, 3)
    (nose, left_eye, right_eye, *ears), body = joints[:5], joints[5:]
    shoulders, elbows, wrists, hips, knees, ankles = body.reshape(6, 2, 2)
    parts = []
    for hip, knee, ankle in zip(hips, knees, ankles, strict=True):
        toe = ankle + (np.sign(ankle[0]) * 80, 40)
        parts += [
            Part(capsule(ankle, toe, 70, 50), shoe),
            Part(capsule(knee, ankle, 85, 65), trousers * 7 // 8),
            Part(capsule(hip, knee, 110, 85), trousers),
        ]
    neck, head = shoulders.sum(axis=0) // 2, np.sum(ears, axis=0) // 2
    torso = np.concatenate([shoulders, hips[::-1]])
    parts += [Part(capsule(neck, head, 75), skin * 7 // 8)]
    rounded = capsule(shoulders[0], shoulders[1], 85), capsule(hips[0], hips[1], 100)
    parts += [Part(outline, shirt) for outline in (*rounded, torso)]
    parts += [Part(disc(head - (0, 40), 190), hair), Part(disc(head, 165), skin)]
    parts += [Part(disc(ear, 45), skin * 7 // 8) for ear in ears]
    parts += [Part(disc(eye, 32), hair // 3) for eye in (left_eye, right_eye)]
    parts += [Part(disc(nose, 36), skin * 3 // 5)]
    for shoulder, elbow, wrist in zip(shoulders, elbows, wrists, strict=True):
        parts += [
            Part(capsule(shoulder, elbow, 80, 68), sleeve),
            Part(capsule(elbow, wrist, 62, 50), skin),
            Part(disc(wrist, 75), skin * 7 // 8),
        ]
    return Figure(parts, joints)
