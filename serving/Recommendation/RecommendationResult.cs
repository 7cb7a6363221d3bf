using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Recommendation;

/// <summary>A list of items as an answer.</summary>
/// <param name="Model">The model that answered.</param>
/// <param name="Path">Which way.</param>
/// <param name="UnknownItems">Items of the question that the model does not know, and that were passed over.</param>
/// <param name="Hits">The items, best first.</param>
/// <param name="Ranked">Whether the second stage put them in order.</param>
internal sealed record RecommendationResult(ServedModel Model, AnswerPath Path, IReadOnlyList<string> UnknownItems, Hit[] Hits, bool Ranked = false);

/// <summary>The score of a pair.</summary>
/// <param name="Score">The score that a list of the best items would give it.</param>
/// <param name="Path">How the user was found.</param>
/// <param name="ItemPath">How the item was found.</param>
/// <param name="Ranked">Whether the second stage has a part in the score.</param>
internal sealed record PairScore(float Score, AnswerPath Path, AnswerPath ItemPath, bool Ranked);
