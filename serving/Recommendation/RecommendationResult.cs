using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>A list of items as an answer.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Path">Which way.</param>
/// <param name="UnknownItems">Items of the question that the model does not know, and that were passed over.</param>
/// <param name="Hits">The items, best first.</param>
internal sealed record RecommendationResult(ServedModel Model, AnswerPath Path, IReadOnlyList<string> UnknownItems, Hit[] Hits);

/// <summary>The score of a pair.</summary>
/// <param name="Score">Dot product of the two vectors.</param>
/// <param name="Path">How the user was found.</param>
/// <param name="ItemPath">How the item was found.</param>
internal sealed record PairScore(float Score, AnswerPath Path, AnswerPath ItemPath);
