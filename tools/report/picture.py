#!/usr/bin/pvpython
"""Picture of a field of a run:
OMPI_MCA_plm=isolated LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a pvpython tools/report/picture.py RUN/fields.hdf.series FIELD OUT.png
"""

import sys

from paraview.simple import (ColorBy, GetActiveViewOrCreate, GetColorTransferFunction, GetScalarBar, OpenDataFile, Render,
                             ResetCamera, SaveScreenshot, Show)

path, field, target = sys.argv[1:4]
source = OpenDataFile(path)
view = GetActiveViewOrCreate("RenderView")
view.ViewSize = [900, 760]
view.Background = [1.0, 1.0, 1.0]
view.UseColorPaletteForBackground = 0
view.OrientationAxesVisibility = 0
display = Show(source, view)
ColorBy(display, ("POINTS", field))
display.RescaleTransferFunctionToDataRange(True)
display.SetScalarBarVisibility(view, True)
bar = GetScalarBar(GetColorTransferFunction(field), view)
bar.TitleColor = bar.LabelColor = [0.0, 0.0, 0.0]
ResetCamera(view)
Render(view)
SaveScreenshot(target, view)
