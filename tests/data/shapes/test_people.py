"""People face the viewer."""

from shapes_case import scenes

from hrnet_mm.data.shapes.scenes import POSE


def test_left_is_on_the_right_of_people_who_face_the_viewer():
    for scene in scenes(POSE, 20):
        for person in (i for i in scene.instances if i.name == 'person'):
            x, _, visibility = person.keypoints.T
            for left in (1, 3, 5, 11):  # eyes, ears, shoulders, hips
                if visibility[left] and visibility[left + 1]:
                    assert x[left] > x[left + 1]
