// NAFEMS LE10, thick elliptic plate: the quarter x >= 0, y >= 0 between two ellipses, thickness 0.6 m, split at mid-height
// so that the support of the outer face is a line. Sizes are graded towards D = (2, 0, 0.6). Lengths in m.
DefineConstant[ h_D = 0.05, h_inner = 0.12, h_outer = 0.27 ];
t = 0.3;

// One level of the plate at height z; the first tag of its points and curves is n.
Macro Level
  Point(n + 0) = {0, 0, z};
  Point(n + 1) = {2, 0, z, h_near};           // D and the points below it
  Point(n + 2) = {3.25, 0, z, h_outer};
  Point(n + 3) = {0, 2.75, z, h_outer};
  Point(n + 4) = {0, 1, z, h_inner};
  Line(n + 1) = {n + 1, n + 2};
  Ellipse(n + 2) = {n + 2, n + 0, n + 2, n + 3};
  Line(n + 3) = {n + 3, n + 4};
  Ellipse(n + 4) = {n + 4, n + 0, n + 1, n + 1};
  Curve Loop(n) = {n + 1, n + 2, n + 3, n + 4};
  Plane Surface(n) = {n};
Return
z = 0;     n = 10; h_near = 2.5 * h_D; Call Level;
z = t;     n = 20; h_near = 2 * h_D;   Call Level;
z = 2 * t; n = 30; h_near = h_D;       Call Level;

For k In {1:2}
  a = 10 * k; b = a + 10; s = 40 + 10 * k;
  For i In {1:4}
    Line(s + i) = {a + i, b + i};
  EndFor
  For i In {1:4}
    j = (i == 4) ? 1 : i + 1;
    Curve Loop(s + i) = {a + i, s + j, -(b + i), -(s + i)};
    // The faces on y = 0 and x = 0 are plane, those on the ellipses are ruled.
    If (i == 1 || i == 3)
      Plane Surface(s + i) = {s + i};
    Else
      Surface(s + i) = {s + i};
    EndIf
  EndFor
  Surface Loop(k) = {a, b, s + 1, s + 2, s + 3, s + 4};
  Volume(k) = {k};
EndFor

Physical Volume("plate") = {1, 2};
Physical Surface("bottom") = {10};
Physical Surface("top") = {30};
Physical Surface("sym_y") = {51, 61};    // y = 0
Physical Surface("outer") = {52, 62};
Physical Surface("sym_x") = {53, 63};    // x = 0
Physical Surface("inner") = {54, 64};
Physical Curve("mid_line") = {22};       // outer face at mid-height
