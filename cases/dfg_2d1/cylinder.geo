// DFG benchmark 2D-1 and 2D-2: channel 2.2 x 0.41 m with a cylinder of radius 0.05 m at (0.2, 0.2).
DefineConstant[ h_cylinder = 0.006, h_inlet = 0.03, h_outlet = 0.05 ];
Point(1) = {0, 0, 0, h_inlet};
Point(2) = {2.2, 0, 0, h_outlet};
Point(3) = {2.2, 0.41, 0, h_outlet};
Point(4) = {0, 0.41, 0, h_inlet};
Point(5) = {0.2, 0.2, 0, h_cylinder};
Point(6) = {0.25, 0.2, 0, h_cylinder};
Point(7) = {0.2, 0.25, 0, h_cylinder};
Point(8) = {0.15, 0.2, 0, h_cylinder};
Point(9) = {0.2, 0.15, 0, h_cylinder};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
Circle(5) = {6, 5, 7};
Circle(6) = {7, 5, 8};
Circle(7) = {8, 5, 9};
Circle(8) = {9, 5, 6};
Curve Loop(1) = {1, 2, 3, 4};
Curve Loop(2) = {5, 6, 7, 8};
Plane Surface(1) = {1, 2};

Physical Surface("fluid") = {1};
Physical Curve("walls") = {1, 3};
Physical Curve("outlet") = {2};
Physical Curve("inlet") = {4};
Physical Curve("cylinder") = {5, 6, 7, 8};
