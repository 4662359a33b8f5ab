"""What the papers do to their training images and no toolbox has."""
