DROP TABLE "polls_vote";
DROP TABLE "polls_choice";
DROP TABLE "polls_question";
