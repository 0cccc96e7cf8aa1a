"""Tables of boxes: their columns under each of the usual names."""

import pytest

from boxed import answers, picture, reasons, write
from headstart.data.boxes.layouts import looks_like_boxes, read_boxes
from headstart.data.boxes.tables import is_box_table

SAME = [["cell", 0.1, 0.25, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("filename,width,height,class,xmin,ymin,xmax,ymax", "1.png,40,20,cell,4,5,20,10"),
        ("image_path,label,x1,y1,x2,y2", "old/1.png,cell,4.0,5.0,20.0,10.0"),
        ("image,class,x,y,width,height", "1.png,cell,4,5,16,5"),
        ("ImageID,LabelName,XMin,XMax,YMin,YMax", "1,cell,0.1,0.5,0.25,0.5"),
        ("label,image_id,bbox", 'cell,1,"[4, 5, 16, 5]"'),
        ("img_path,class,x_center,y_center,width,height", "1.png,cell,12,7.5,16,5"),
        ("Image_Name,label,bbox_x,bbox_y,bbox_width,bbox_height", "1.png,cell,4,5,16,5"),
        ("image,label,bbox_xmin,bbox_ymin,bbox_xmax,bbox_ymax", "1.png,cell,4,5,20,10"),
    ],
)
def test_the_columns_of_each_kind(tmp_path, head, row):
    picture(tmp_path / "images/1.png")
    second = row.replace("cell", "cell ")
    write(tmp_path / "train_labels.csv", f"{head}\n{row}\n{second}\n")
    assert looks_like_boxes(tmp_path)
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"images/1.png": SAME}
    assert reasons(listing) == {"images/1.png box 2": "same as box 1"}
    assert listing.rows[0].split == "train"


def test_a_picture_without_boxes_and_rows_that_cannot_be_used(tmp_path):
    picture(tmp_path / "test/1.png")
    rows = ["1.png,,,,,", "gone.png,a,1,1,2,2", "gone.png,a,2,2,3,3", ",a,1,1,2,2", "1.png,a,x,1,2,2", "1"]
    write(tmp_path / "test/_annotations.csv", "\n".join(["filename,class,xmin,ymin,xmax,ymax", *rows]))
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"test/1.png": []}
    assert reasons(listing) == {
        "gone.png": "no such file",
        "test/_annotations.csv row 4": "it names no image",
        "test/_annotations.csv row 6": "1 cells where the header has 6",
        "test/1.png box 1": "its bbox is not four numbers",
    }


def test_other_tables_are_none(tmp_path):
    write(tmp_path / "labels.csv", "filename,label\n1.png,cat\n")
    write(tmp_path / "boxes.csv", "a,xmin,ymin,xmax,ymax\n")
    assert not is_box_table(tmp_path)


def test_a_column_says_the_split_of_its_picture(tmp_path):
    for number in (1, 2):
        picture(tmp_path / f"images/{number}.png")
    rows = ["1.png,a,1,1,2,2,train", "2.png,a,1,1,2,2,Test"]
    write(tmp_path / "boxes.csv", "\n".join(["filename,class,xmin,ymin,xmax,ymax,split", *rows]))
    assert [row.split for row in read_boxes(tmp_path).rows] == ["train", "test"]
