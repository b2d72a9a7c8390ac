// Package rig is what the benchmarks stand on: a database of its own for a run, servers that are
// built and started, the CPU time and memory they take, a Django if one is unpacked, and wrk as the
// load. It is not part of the framework.
//
//	db, err := rig.NewDatabase(ctx, "postgres", dir)
//	defer db.Drop(ctx)
//	s, err := rig.Start(ctx, rig.Program{Name: "ours", Path: binary, Args: []string{"runserver", rig.Address}, Env: env})
//	defer s.Stop()
//	r, err := rig.Wrk(ctx, rig.Load{URL: s.URL + "/report/", Connections: 8, Time: 3 * time.Second})
//
// Servers that are compared run at the same time and are loaded in turn, so that whatever else the
// machine does hits all of them; [Median] of the rounds' ratios is what to print.
package rig
