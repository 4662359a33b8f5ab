"""Lists of machines as Slurm writes them."""

import pytest

from hrnet_mm.config.node_lists import first_node, tasks_on


@pytest.mark.parametrize(
    ('nodes', 'first'),
    [
        ('n1', 'n1'),
        ('n1,n2', 'n1'),
        ('n[1-2]', 'n1'),
        ('a[01-03,7],b', 'a01'),
        ('a[7,01-03],b', 'a7'),
        ('b,a[01-03]', 'b'),
        ('gpu-c12-[007-101]', 'gpu-c12-007'),
        ('rack[2-3]node[04-05].here', 'rack2node04.here'),
        ('n[08].site.org,x', 'n08.site.org'),
        ('', ''),
    ],
)
def test_the_first_node_of_a_list(nodes, first):
    assert first_node(nodes) == first


@pytest.mark.parametrize(
    ('node', 'tasks', 'count'),
    [
        (0, '1', 1),
        (1, '1(x2)', 1),
        (0, '2,1', 2),
        (1, '2,1', 1),
        (2, '4(x2),3', 3),
        (3, '4(x2),3(x1000000000),2', 3),
    ],
)
def test_the_tasks_of_a_node(node, tasks, count):
    assert tasks_on(node, tasks) == count


@pytest.mark.parametrize('tasks', ['', '2', 'x,1', '2,x', '2(x1)', '-1,2', '2;1'])
def test_a_list_that_does_not_tell(tasks):
    with pytest.raises(ValueError, match='how many tasks machine 1 has'):
        tasks_on(1, tasks)
