using Pulumi;
using Reco.Infra;

return await Deployment.RunAsync<RecoStack>();
