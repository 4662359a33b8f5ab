"""Objects hide each other, and key points tell who is seen."""

import numpy as np
from shapes_case import scenes

from hrnet_mm.data.shapes.scenes import POSE


def test_objects_hide_each_other_and_none_is_hidden_too_far():
    hidden = 0
    for scene in scenes(POSE, 30):
        owners = np.sum([instance.mask for instance in scene.instances], axis=0)
        assert owners.max() == 1
        hidden += sum(1 in i.keypoints[:, 2] for i in scene.instances)
    assert hidden > 5


def test_key_points_tell_who_is_seen():
    seen = set()
    for scene in scenes(POSE, 40):
        for person in (i for i in scene.instances if i.name == 'person'):
            assert person.keypoints.shape == (17, 3)
            x, y, visibility = person.keypoints.T
            assert (x[visibility == 0] == 0).all()
            assert (y[visibility == 0] == 0).all()
            assert ((x >= 0) & (x < 128) & (y >= 0) & (y < 96)).all()
            labelled = visibility > 0
            own = person.mask[y, x][labelled]
            np.testing.assert_array_equal(own, visibility[labelled] == 2)
            every = np.any([i.mask for i in scene.instances], axis=0)
            assert every[y, x][labelled].all()  # what is not seen is covered
            seen.update(visibility.tolist())
    assert seen == {0, 1, 2}
