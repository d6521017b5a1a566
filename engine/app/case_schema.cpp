#include <nlohmann/json.hpp>

#include "ansatz/sdk/cell_types.hpp"
#include "engine/app/commands.hpp"

namespace ansatz::app {
namespace {

/// Every section but [physics]. Numbers in sections that hold expressions may be texts.
constexpr const char* sections = R"json({
  "title": { "type": "string" },
  "plugins": { "type": "array", "items": { "type": "string" }, "minItems": 1,
               "description": "names, or paths of plugin files" },
  "mesh": { "type": "object", "additionalProperties": false, "properties": {
    "box": { "type": "object", "additionalProperties": false, "required": ["size", "cells"], "properties": {
      "origin": { "$ref": "#/$defs/numbers", "description": "[m]" },
      "size": { "$ref": "#/$defs/numbers", "description": "[m]" },
      "cells": { "type": "array", "items": { "type": "integer", "minimum": 1 }, "minItems": 1, "maxItems": 3 },
      "cell": {},
      "pattern": { "enum": ["right", "left", "crossed"] },
      "periodic": { "type": "array", "items": { "type": "boolean" } } } },
    "file": { "type": "string", "description": "relative to the case file" },
    "reader": { "type": "string", "description": "name of a mesh reader; by default from the ending of the file" },
    "geometry_degree": { "type": "integer", "minimum": 0, "maximum": 2 },
    "size_factor": { "type": "number", "exclusiveMinimum": 0 },
    "refine": { "type": "integer", "minimum": 0, "description": "uniform refinements" },
    "scale": { "type": "number", "exclusiveMinimum": 0, "description": "multiplies all coordinates" },
    "map": { "$ref": "#/$defs/value", "description": "new coordinates, expressions of x, y, z and parameters" } } },
  "parameters": { "type": "object", "additionalProperties": { "type": "object", "additionalProperties": false,
    "required": ["range", "default"], "properties": {
      "range": { "$ref": "#/$defs/numbers" }, "default": { "type": "number" },
      "extrapolate": { "type": "boolean", "description": "the default may be outside of the range" },
      "logarithmic": { "type": "boolean", "description": "samples are even in the logarithm" }, "unit": { "type": "string" },
      "doc": { "type": "string" } } } },
  "constants": { "type": "object", "additionalProperties": { "type": "number" } },
  "regions": { "type": "object", "additionalProperties": { "type": "object", "additionalProperties": { "type": "number" } } },
  "tables": { "type": "object", "additionalProperties": { "type": "object", "additionalProperties": false, "properties": {
    "x": { "$ref": "#/$defs/numbers" }, "y": { "$ref": "#/$defs/numbers" }, "file": { "type": "string" } } } },
  "data": { "type": "object", "additionalProperties": { "type": "object", "additionalProperties": false,
    "required": ["file", "field"], "properties": { "file": { "type": "string" }, "field": { "type": "string" },
      "component": { "type": "integer", "minimum": 0 }, "time": { "type": "number" } } } },
  "solver": { "type": "object", "additionalProperties": false, "properties": {
    "type": { "enum": ["fem", "reduced_basis"] }, "order": { "enum": [1, 2] },
    "quadrature_degree": { "type": "integer", "minimum": 1, "maximum": 20 },
    "stabilisation": { "enum": ["none", "supg"] },
    "continuation": { "type": "object", "additionalProperties": false, "required": ["parameter", "from"], "properties": {
      "parameter": { "type": "string" }, "from": { "type": "number" } } } } },
  "linear": { "type": "object", "additionalProperties": false, "properties": {
    "solver": { "enum": ["automatic", "cg", "minres", "gmres", "fgmres", "direct"] },
    "preconditioner": { "enum": ["automatic", "hypre", "gamg", "pcd", "jacobi", "ilu", "none", "mumps"] },
    "relative_tolerance": { "$ref": "#/$defs/tolerance" },
    "absolute_tolerance": { "type": "number", "minimum": 0 },
    "max_iterations": { "type": "integer", "minimum": 1 },
    "newton_relative_tolerance": { "$ref": "#/$defs/tolerance", "description": "of the residual over that of the start" },
    "newton_absolute_tolerance": { "type": "number", "minimum": 0, "description": "of the residual, in its unit" },
    "newton_correction_tolerance": { "type": "number", "minimum": 0, "description": "of a full correction over the solution" },
    "newton_max_iterations": { "type": "integer", "minimum": 1 },
    "line_search": { "enum": ["nonmonotone", "monotone", "none"] },
    "jacobian": { "enum": ["exact", "lagged"] },
    "petsc": { "type": "string", "description": "options as on PETSc's command line" } } },
  "reduced": { "type": "object", "additionalProperties": false, "properties": {
    "method": { "enum": ["greedy", "strong_greedy", "pod"] },
    "training": { "$ref": "#/$defs/training" },
    "interpolation": { "type": "object", "additionalProperties": false,
      "description": "of coefficients and prescribed values that are no sums of products", "properties": {
      "tolerance": { "$ref": "#/$defs/tolerance", "description": "relative remainder on the training set" },
      "max_terms": { "type": "integer", "minimum": 1 }, "training": { "$ref": "#/$defs/training" } } },
    "separation": { "enum": ["automatic", "expressions", "entries"],
      "description": "separated form from the coefficients' expressions, or from entries of assembled matrices" },
    "adaptive": { "type": "boolean", "description": "validate the training set on random points and refine it" },
    "tolerance": { "$ref": "#/$defs/tolerance", "description": "relative: of the error bound (greedy), of the energy left out (pod)" },
    "max_size": { "type": "integer", "minimum": 1 },
    "product": { "enum": ["automatic", "energy", "h1_semi", "h1"], "description": "in whose norm errors are measured" },
    "length": { "type": "number", "exclusiveMinimum": 0, "description": "of h1: |grad u|^2 + |u|^2 / length^2 [m]" },
    "stability": { "enum": ["automatic", "min_theta", "scm", "inf_sup", "interpolated"] },
    "pairs": { "type": "array", "description": "real and imaginary parts of complex fields",
               "items": { "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 } },
    "residual": { "enum": ["basis", "interpolated"] },
    "reference": { "type": "object", "additionalProperties": { "type": "number" },
                   "description": "parameters of the inner product; by default their defaults" },
    "outputs": { "$ref": "#/$defs/names", "description": "quantities with error bounds; by default all that are linear" },
    "dual": { "$ref": "#/$defs/names", "description": "outputs that get a dual basis: corrected values and sharper bounds" },
    "output_tolerance": { "$ref": "#/$defs/tolerance", "description": "relative, of the bounds of dual bases; by default tolerance" },
    "model": { "type": "string", "description": "file of the model; by default models/NAME.h5" } } },
  "study": { "type": "object", "additionalProperties": false, "properties": {
    "type": { "enum": ["solve", "train", "sweep"] },
    "points": { "anyOf": [ { "$ref": "#/$defs/training" },
      { "type": "object", "additionalProperties": false, "required": ["values"], "properties": {
        "values": { "type": "object", "additionalProperties": { "$ref": "#/$defs/numbers" } } } } ],
      "description": "of a sweep: a sample, or lists of equal lengths" },
    "fixed": { "type": "object", "additionalProperties": { "type": "number" }, "description": "parameters that a sweep leaves alone" },
    "file": { "type": "string", "description": "of a sweep, in the run folder; by default sweep.h5" } } },
  "time": { "type": "object", "additionalProperties": false, "required": ["method", "end"], "properties": {
    "method": { "type": "string", "description": "see ansatz describe time" },
    "start": { "type": "number", "description": "[s]" }, "end": { "type": "number", "description": "[s]" },
    "step": { "type": "number", "exclusiveMinimum": 0, "description": "[s], without error control" },
    "relative_tolerance": { "type": "number", "minimum": 0, "exclusiveMaximum": 1 },
    "absolute_tolerance": { "oneOf": [ { "type": "number", "exclusiveMinimum": 0 },
      { "type": "object", "additionalProperties": { "type": "number", "exclusiveMinimum": 0 }, "description": "by field" } ] },
    "weights": { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 }, "description": "of fields in the norm of errors" },
    "controller": { "type": "string" }, "limits": { "type": "string" },
    "first_step": { "type": "number", "exclusiveMinimum": 0 }, "min_step": { "type": "number", "exclusiveMinimum": 0 },
    "max_step": { "$ref": "#/$defs/value" }, "stops": { "$ref": "#/$defs/numbers" },
    "jacobian": { "enum": ["exact", "frozen", "stiff"] }, "mass": { "enum": ["consistent", "lumped"] },
    "events": { "type": "array", "items": { "type": "string" }, "description": "quantities whose zeros are found" },
    "end_event": { "type": "string", "description": "the event that ends the run" } } },
  "checkpoint": { "type": "object", "additionalProperties": false, "properties": {
    "every": { "type": "integer", "minimum": 0, "description": "steps; 0: by time" },
    "minutes": { "type": "number", "minimum": 0, "description": "of wall time; 0: by steps" } } },
  "initial": { "type": "object", "properties": {
    "start": { "enum": ["steady"], "description": "begin with the steady state for the data at the initial time" },
    "perturbation": { "type": "object", "additionalProperties": { "$ref": "#/$defs/value" },
                      "description": "fields that are added to the steady state" } },
    "additionalProperties": { "$ref": "#/$defs/value" } },
  "quantities": { "type": "object", "additionalProperties": { "type": "object", "additionalProperties": false,
    "properties": {
      "point": { "$ref": "#/$defs/expression" }, "mean": { "$ref": "#/$defs/expression" },
      "integral": { "$ref": "#/$defs/expression" }, "reaction": { "type": "string" },
      "norm": { "$ref": "#/$defs/expression" }, "maximum": { "$ref": "#/$defs/expression" },
      "minimum": { "$ref": "#/$defs/expression" },
      "formula": { "$ref": "#/$defs/expression", "description": "of quantities further up and of those that the physics declares" },
      "over_time": { "enum": ["maximum", "minimum", "mean", "peak_to_peak", "frequency"] },
      "at": { "$ref": "#/$defs/numbers" }, "region": { "type": "string" }, "on": { "type": "string" },
      "type": { "enum": ["l2", "h1_semi"] }, "of": { "type": "string" }, "after": { "type": "number" },
      "unit": { "type": "string" } } } },
  "output": { "type": "object", "additionalProperties": false, "properties": {
    "fields": { "type": "array", "items": { "type": "string" } },
    "layout": { "type": "string", "description": "series, single, or that of a plugin (vtu)" },
    "every": { "type": "integer", "minimum": 1, "description": "steps; without `at` 1" },
    "at": { "$ref": "#/$defs/numbers", "description": "times that steps end at and that are written [s]" } } }
})json";

constexpr const char* definitions = R"json({
  "training": { "type": "object", "additionalProperties": false, "properties": {
    "grid": { "type": "integer", "minimum": 2, "description": "points per parameter" },
    "random": { "type": "integer", "minimum": 1 }, "latin_hypercube": { "type": "integer", "minimum": 1 },
    "sobol": { "type": "integer", "minimum": 1 }, "halton": { "type": "integer", "minimum": 1 },
    "lattice": { "type": "integer", "minimum": 1 }, "seed": { "type": "integer", "minimum": 0 } } },
  "numbers": { "type": "array", "items": { "type": "number" } },
  "names": { "anyOf": [ { "type": "string" }, { "type": "array", "items": { "type": "string" } } ] },
  "expression": { "type": ["number", "string"] },
  "tolerance": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
  "value": { "anyOf": [ { "$ref": "#/$defs/expression" },
                        { "type": "array", "items": { "$ref": "#/$defs/expression" } } ] }
})json";

}  // namespace

nlohmann::ordered_json case_schema(const sdk::PhysicsInfo& info) {
  using Json = nlohmann::ordered_json;
  auto properties = Json::parse(sections);
  properties["mesh"]["properties"]["box"]["properties"]["cell"]["enum"] = sdk::cell_names();
  properties["physics"] = {{"type", "object"},
                           {"properties", {{info.name, physics_schema(info)}}},
                           {"required", {info.name}},
                           {"additionalProperties", false}};
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "case of Ansatz with the physics " + info.name},
          {"type", "object"},
          {"properties", properties},
          {"required", {"plugins", "mesh", "physics"}},
          {"additionalProperties", false},
          {"$defs", Json::parse(definitions)}};
}

}  // namespace ansatz::app
