using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using System.Diagnostics;
var clock=Stopwatch.StartNew();
var shop = args[0]=="demo" ? DemoShop.Make() : await CompleteJourneyLoader.LoadAsync(args[0], default);
foreach (var f in shop.Findings) Console.WriteLine($"{f.Count} {f.What} ({f.Example}) {f.Policy}");
double D(string n,double d){ var a=args.FirstOrDefault(x=>x.StartsWith(n+"=")); return a is null?d:double.Parse(a[(n.Length+1)..]); }
var o = new TrainingOptions{Epochs=(int)D("epochs",30),LearningRate=D("lr",0.003),WeightDecay=D("wd",0.01),UserDropout=D("ud",0.3),Negatives=(int)D("neg",1024),BatchSize=(int)D("bs",1024),Loss=D("bce",0)>0?Loss.Bce:Loss.Softmax,History=(int)D("h",50), HoldoutDays=(int)D("days",28),Patience=(int)D("pat",3)};
var split = TimeSplit.Last(shop.Interactions, o.HoldoutDays);
Console.WriteLine($"{shop.Interactions.Length} interactions {shop.Users.Count} users {shop.Items.Count} items; train {split.Train.Length}, test users {split.Held.Count} [{clock.Elapsed.TotalSeconds:F1}s]");
var trainer = new Trainer(o, shop, (p,t)=>Console.WriteLine($"progress {p:F2} {t} [{clock.Elapsed.TotalSeconds:F1}s]"));
var (epochs,_) = trainer.FindEpochs(split.Train, default);
var (w,_) = trainer.Fit(split.Train, epochs, default);
var hist = new Histories(split.Train, shop.Users.Count);
var vs = TimeSplit.Last(split.Train, o.HoldoutDays);
if (D("knn",1)>0) { var s = ItemKnnRanker.Tune(vs.Train, vs.Held, shop.Users.Count, shop.Items.Count); Console.WriteLine($"knn {s} [{clock.Elapsed.TotalSeconds:F1}s]");
var knn = RankingMetrics.Evaluate(new ItemKnnRanker(split.Train, shop.Users.Count, shop.Items.Count, s), split.Held, [10]); Console.WriteLine($"knn {Bootstrap.Mean(knn.Of("ndcg@10"))} {knn.Coverage}");}
var pop = RankingMetrics.Evaluate(new PopularityRanker(split.Train, shop.Items.Count), split.Held, [10]);
var tt = RankingMetrics.Evaluate(new TowerRanker(w, hist), split.Held, [10]);
Console.WriteLine($"pop {Bootstrap.Mean(pop.Of("ndcg@10"))}\ntt {Bootstrap.Mean(tt.Of("ndcg@10"))} cov {tt.Coverage}\ndiff {Bootstrap.Difference(tt.Of("ndcg@10"),pop.Of("ndcg@10"))} [{clock.Elapsed.TotalSeconds:F1}s]");
