global using Freehold.Benchmarks.Measuring;
