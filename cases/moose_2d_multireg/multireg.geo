// 170 x 170 [cm], 9 x 9 blocks of widths 10, 20, ..., 20 in both directions; regions r0 to r3 by the map below, its first
// row at the bottom. Quadrilaterals of 1 cm with n = 10 intervals per 10 cm.
DefineConstant[ n = 10 ];
map[] = {1,0,0,0,1,0,0,2,3,
         0,0,0,0,0,0,0,2,3,
         0,0,1,0,0,0,2,2,3,
         0,0,0,0,0,0,2,3,3,
         1,0,0,0,1,2,2,3,3,
         0,0,0,0,2,2,3,3,3,
         0,0,2,2,2,3,3,3,3,
         2,2,2,3,3,3,3,3,3,
         3,3,3,3,3,3,3,3,3};
// Point (i, j) is 1 + i + 10 j; the curve from it to the right is 101 + i + 10 j, upwards 301 + i + 10 j.
For j In {0:9}
  For i In {0:9}
    Point(1 + i + 10 * j) = {i > 0 ? 20 * i - 10 : 0, j > 0 ? 20 * j - 10 : 0, 0};
  EndFor
EndFor
For j In {0:9}
  For i In {0:8}
    Line(101 + i + 10 * j) = {1 + i + 10 * j, 2 + i + 10 * j};
    Line(301 + j + 10 * i) = {1 + j + 10 * i, 11 + j + 10 * i};
    Transfinite Curve {101 + i + 10 * j, 301 + j + 10 * i} = (i > 0 ? 2 * n : n) + 1;
  EndFor
EndFor
r0[] = {}; r1[] = {}; r2[] = {}; r3[] = {};
For j In {0:8}
  For i In {0:8}
    s = 1 + i + 9 * j;
    Curve Loop(s) = {101 + i + 10 * j, 302 + i + 10 * j, -(111 + i + 10 * j), -(301 + i + 10 * j)};
    Plane Surface(s) = {s};
    Transfinite Surface {s};
    Recombine Surface {s};
    If (map[s - 1] == 0)
      r0[] += s;
    ElseIf (map[s - 1] == 1)
      r1[] += s;
    ElseIf (map[s - 1] == 2)
      r2[] += s;
    Else
      r3[] += s;
    EndIf
  EndFor
EndFor
left[] = {}; right[] = {}; bottom[] = {}; top[] = {};
For i In {0:8}
  bottom[] += 101 + i; top[] += 191 + i; left[] += 301 + 10 * i; right[] += 310 + 10 * i;
EndFor
Physical Surface("r0") = r0[]; Physical Surface("r1") = r1[]; Physical Surface("r2") = r2[]; Physical Surface("r3") = r3[];
Physical Curve("left") = left[]; Physical Curve("right") = right[];
Physical Curve("bottom") = bottom[]; Physical Curve("top") = top[];
