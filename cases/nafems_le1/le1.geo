// NAFEMS LE1, elliptic membrane: the quarter x >= 0, y >= 0 between two ellipses. Sizes are graded towards D = (2, 0).
// Lengths in m.
DefineConstant[ h_D = 0.02, h_inner = 0.07, h_outer = 0.14 ];
Point(1) = {0, 0, 0};
Point(2) = {2, 0, 0, h_D};
Point(3) = {3.25, 0, 0, h_outer};
Point(4) = {0, 2.75, 0, h_outer};
Point(5) = {0, 1, 0, h_inner};
Line(1) = {2, 3};
Ellipse(2) = {3, 1, 3, 4};
Line(3) = {4, 5};
Ellipse(4) = {5, 1, 2, 2};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};

Physical Surface("membrane") = {1};
Physical Curve("sym_y") = {1};    // y = 0
Physical Curve("outer") = {2};
Physical Curve("sym_x") = {3};    // x = 0
Physical Curve("inner") = {4};
