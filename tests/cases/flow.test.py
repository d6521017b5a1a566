#!/usr/bin/python3
# timeout: 300
# ranks: 1
"""Flow against exact solutions: orders of Taylor-Hood elements, fields determined up to a constant, solvers, refusals."""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ansatz_test

REYNOLDS = 40.0
DECAY = REYNOLDS / 2 - math.sqrt(REYNOLDS**2 / 4 + 4 * math.pi**2)
# Kovasznay, Proceedings of the Cambridge Philosophical Society 44 (1948) 58; the pressure with mean 0 on the unit square.
KOVASZNAY = f"""
plugins = ["navier_stokes"]
[mesh]
box = {{ size = [1.0, 1.0], cells = [8, 8], cell = "CELL" }}
[constants]
decay = {DECAY!r}
p_mean = {-(math.exp(2 * DECAY) - 1) / (4 * DECAY)!r}
[physics.navier_stokes]
viscosity = {1 / REYNOLDS!r}
boundary = [{{ on = "all", velocity = ["1 - exp(decay * x) * cos(2 * pi * y)", "decay / (2 * pi) * exp(decay * x) * sin(2 * pi * y)"] }}]
[solver]
order = 2
[quantities]
error_u = {{ norm = "velocity_x - (1 - exp(decay * x) * cos(2 * pi * y))" }}
error_v = {{ norm = "velocity_y - decay / (2 * pi) * exp(decay * x) * sin(2 * pi * y)" }}
error_p = {{ norm = "pressure - (-0.5 * exp(2 * decay * x) - p_mean)" }}
mean_p = {{ mean = "pressure" }}
twice_v = {{ formula = "2 * error_v + 0 * mean_p" }}
"""
CHANNEL = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [2.0, 1.0], cells = [4, 3], cell = "triangle" }
[physics.navier_stokes]
density = 3.0
viscosity = 0.5
boundary = [
  { on = ["top", "bottom"], velocity = [0.0, 0.0] },
  { on = "left", velocity = ["y * (1 - y)", 0.0] },
]
[solver]
order = 2
[quantities]
error_u = { maximum = "abs(velocity_x - y * (1 - y))" }
error_p = { maximum = "abs(pressure - (2 - x))" }
wall = { reaction = "velocity_x", on = "top" }
"""


# u = (y (1 - y) + z (1 - z), 0, 0), p = 4 mu (3 - x): a product of the flow's own terms, exact on any mesh.
DUCT = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [3.0, 1.0, 1.0], cells = [5, 3, 3], cell = "CELL" }
[physics.navier_stokes]
viscosity = 0.01
boundary = [{ on = ["left", "top", "bottom", "front", "back"], velocity = ["y * (1 - y) + z * (1 - z)", 0.0, 0.0] }]
[solver]
order = 2
[quantities]
error_u = { maximum = "abs(velocity_x - y * (1 - y) - z * (1 - z)) + abs(velocity_y) + abs(velocity_z)" }
error_p = { maximum = "abs(pressure - 0.04 * (3 - x))" }
"""

OUTLET = """
plugins = ["navier_stokes"]
[mesh]
box = { BOX }
[physics.navier_stokes]
viscosity = 1.0
boundary = [
  { on = ["bottom", "top"], velocity = [ZEROS] },
  SLIP
  { on = "left", velocity = [INLET] },
  { on = "right", HELD },
]
[solver]
order = 2
[quantities]
p_in = { mean = "pressure", on = "left" }
flux = { integral = "velocity_x", on = "right" }
"""
START_UP = """
plugins = ["navier_stokes"]
[mesh]
box = { size = [4.0, 1.0], cells = [12, 4], cell = "quadrilateral" }
[physics.navier_stokes]
viscosity = 0.02
boundary = [{ on = "left", velocity = ["t * 16 * y * (1 - y)", 0.0] }, { on = ["top", "bottom"], velocity = [0.0, 0.0] }]
[solver]
order = 2
[time]
method = "bdf2"
end = 0.3
step = 0.1
[quantities]
drag = { reaction = "velocity_x", on = "top" }
"""

class Flow(ansatz_test.TestCase):
    def run_text(self, text, *arguments, ranks=1, name="case"):
        return self.run_case(self.write_case(text, f"{name}.toml"), ranks, *arguments)

    def orders(self, cells, *arguments):
        text = KOVASZNAY.replace("CELL", cells)
        runs = [self.run_text(text, "--set", f"mesh.box.cells=[{n}, {n}]", *arguments) for n in (12, 24)]
        return [math.log2(runs[0].value(q) / runs[1].value(q)) for q in ("error_u", "error_v", "error_p")], runs[1]

    def test_taylor_hood_converges_with_order_three_in_velocity_and_two_in_pressure(self):
        for cells in ("triangle", "quadrilateral"):
            orders, finest = self.orders(cells)
            self.assertAlmostEqual(orders[0], 3.0, delta=0.2, msg=cells)
            self.assertAlmostEqual(orders[1], 3.0, delta=0.2, msg=cells)
            self.assertGreater(orders[2], 1.85, cells)  # superconvergent on regular meshes
            self.assertAlmostEqual(finest.value("mean_p"), 0.0, delta=1e-12)
            self.assertEqual(finest.value("twice_v"), 2 * finest.value("error_v"))

    def test_stabilised_elements_of_equal_degree_converge_with_order_two_in_velocity(self):
        orders, _ = self.orders("triangle", "--set", "solver.order=1", "--set", "solver.stabilisation=supg")
        self.assertGreater(min(orders[:2]), 1.8)
        self.assertGreater(orders[2], 0.9)

    def test_a_channel_flow_is_exact_and_its_friction_is_the_drop_of_pressure(self):
        for ranks in (1, 2):
            run = self.run_text(CHANNEL, ranks=ranks)
            self.assertLess(run.value("error_u"), 1e-10)
            self.assertLess(run.value("error_p"), 1e-9)
            # Shear stress -0.5 on the length 2; the inlet's pressure at the corner's node is the left side's.
            self.assertAlmostEqual(run.value("wall"), -1.0, delta=1e-8)

    def test_the_preconditioner_for_constraints_gives_what_the_direct_solver_gives(self):
        krylov = ["--set", "linear.solver=gmres", "--set", "linear.preconditioner=pcd"]
        for text in (CHANNEL, KOVASZNAY.replace("CELL", "quadrilateral")):
            direct = self.run_text(text)
            for ranks in (1, 2):
                run = self.run_text(text, *krylov, ranks=ranks)
                for quantity in ("error_u", "error_p"):
                    self.assertAlmostEqual(run.value(quantity), direct.value(quantity), delta=1e-6)

    def test_a_channel_that_is_started_in_time_is_the_same_by_either_solver(self):
        # The first matrix of all is that of the rates at the start.
        krylov = ["--set", "linear.solver=gmres", "--set", "linear.preconditioner=pcd"]
        for method in ("bdf2", "sdirk2"):
            direct = self.run_text(START_UP, "--set", f"time.method={method}")
            for ranks in (1, 2):
                run = self.run_text(START_UP, "--set", f"time.method={method}", *krylov, ranks=ranks)
                self.assertAlmostEqual(run.value("drag"), direct.value("drag"), delta=1e-7 * abs(direct.value("drag")))

    def test_an_outlet_that_only_the_flow_along_it_is_held_at_is_open_for_the_preconditioner(self):
        # u = y (1 - y), p = 2 mu (4 - x), exact in Q2/Q1 and P2/P1; the tensile stress at the outlet is 0.
        krylov = ["--set", "linear.solver=gmres", "--set", "linear.preconditioner=pcd"]
        for box, held, side in (('size = [4.0, 1.0], cells = [8, 4], cell = "quadrilateral"', "velocity_y = 0.0", None),
                                ('size = [4.0, 1.0, 1.0], cells = [6, 3, 2], cell = "tetrahedron"',
                                 "velocity_y = 0.0, velocity_z = 0.0", "velocity_z = 0.0")):
            zeros = ", ".join(["0"] * (3 if side else 2))
            slip = f'{{ on = ["front", "back"], {side} }},' if side else ""
            case = OUTLET.replace("BOX", box).replace("HELD", held).replace("SLIP", slip).replace("ZEROS", zeros).replace(
                "INLET", '"y*(1 - y)"' + ", 0" * (2 if side else 1))
            for ranks in (1, 2):
                run = self.run_text(case, *krylov, ranks=ranks)
                self.assertAlmostEqual(run.value("p_in"), 8.0, delta=1e-6)
                self.assertAlmostEqual(run.value("flux"), 1.0 / 6.0, delta=1e-8)

    def test_a_flow_in_a_duct_is_exact_by_either_solver(self):
        krylov = ["--set", "linear.solver=gmres", "--set", "linear.preconditioner=pcd"]
        for cell in ("tetrahedron", "hexahedron", "prism"):
            for ranks, arguments, most in ((1, [], 1), (2, krylov, 60)):
                run = self.run_text(DUCT.replace("CELL", cell), *arguments, ranks=ranks)
                self.assertLess(run.value("error_u"), 1e-6)
                self.assertLess(run.value("error_p"), 1e-6)
                events = [json.loads(line) for line in (run.folder / "log.jsonl").read_text().splitlines()]
                used = [event["text"] for event in events if event["event"] == "note" and "linear solver" in event["text"]]
                self.assertEqual(used, ["linear solver: " + ("gmres with pcd" if arguments else "direct, mumps")])
                self.assertLessEqual(max(e["linear_iterations"] for e in events if e["event"] == "newton"), most, cell)

    def refused(self, text, code, *words):
        process = ansatz_test.run(self.write_case(text, "bad.toml"), 2, out=self.folder / "bad", cwd=self.folder)
        self.assert_exit(process, code)
        for word in words:
            self.assertIn(word, process.stderr + process.stdout)

    def test_a_closed_vessel_with_a_net_inflow_is_refused(self):
        closed = CHANNEL.replace('["top", "bottom"]', '["top", "bottom", "right"]')
        self.refused(closed, 2, "net source", "pressure")
        self.refused(closed + '[time]\nmethod = "bdf2"\nend = 1.0\nstep = 0.5\n', 2, "net source", "pressure")

    def test_order_one_without_stabilisation_is_refused(self):
        self.refused(CHANNEL.replace("order = 2", "order = 1"), 2, "not stable", "supg")

    def test_crank_nicolson_is_of_order_two_in_velocity_and_takes_the_pressure_in_the_middle_of_a_step(self):
        middle = "pressure + 0.25 * (cos(2*x) + cos(2*y)) * exp(-4 * nu * (t - half))"
        changes = ("mesh.box.cells=[16, 16]", "constants.nu=1.0", "time.method=crank_nicolson",
                   f"quantities.error_m={{ norm = '{middle}' }}")
        arguments = [word for change in changes for word in ("--set", change)]
        runs = [self.run_case("taylor_green", 1, *arguments, "--set", f"time.step={h}", "--set", f"constants.half={h / 2}")
                for h in (0.25, 0.125)]
        order = {q: math.log2(runs[0].value(q) / runs[1].value(q)) for q in ("error_u", "error_v", "error_p", "error_m")}
        self.assertAlmostEqual(order["error_u"], 2.0, delta=0.1)
        self.assertAlmostEqual(order["error_v"], 2.0, delta=0.1)
        self.assertAlmostEqual(order["error_p"], 1.0, delta=0.4)
        self.assertLess(4 * runs[1].value("error_m"), runs[1].value("error_p"))

    def test_crank_nicolson_is_refused_where_the_constraint_contains_rates(self):
        text = CHANNEL.replace("order = 2", 'order = 1\nstabilisation = "supg"')
        time = '[time]\nmethod = "crank_nicolson"\nend = 1.0\nstep = 0.5\n'
        self.refused(text + time, 2, "equation of pressure", "by the stabilisation", "bdf2")
        run = self.run_text(CHANNEL + time + '[initial]\nstart = "steady"\n', ranks=2)
        self.assertLess(run.value("error_u"), 1e-10)

    def test_mistakes_in_derived_quantities_and_continuation_are_errors(self):
        self.refused(CHANNEL + 'bad = { formula = "wal + 1" }\n', 2, "wal", 'did you mean')
        self.refused(CHANNEL + 'bad = { formula = "x + 1" }\n', 2, "not of positions")
        self.refused(CHANNEL + 'bad = { over_time = "maximum", of = "wall" }\n', 2, "needs [time]")
        self.refused(CHANNEL.replace("order = 2", 'order = 2\ncontinuation = { parameter = "re", from = 1.0 }'), 2,
                     'no parameter "re"')
        stretched = CHANNEL.replace("[mesh]", '[parameters]\ns = { range = [1, 3], default = 2 }\n[mesh]\nmap = ["s * x", "y"]')
        self.refused(stretched.replace("order = 2", 'order = 2\ncontinuation = { parameter = "s", from = 1.0 }'), 2,
                     "mesh.map depends on s")


if __name__ == "__main__":
    ansatz_test.main()
